const char *provided(void)
{
	return "the provider's";
}
