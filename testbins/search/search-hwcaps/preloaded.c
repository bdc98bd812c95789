const char *preloaded(void)
{
	return WHO;
}
