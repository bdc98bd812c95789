const char *below(void)
{
	return WHICH;
}
