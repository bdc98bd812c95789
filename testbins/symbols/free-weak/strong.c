const char *where(void)
{
	return "from the second, strong";
}

const char *only(void)
{
	return "from the second";
}
