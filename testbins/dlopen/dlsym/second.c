const char *who(void)
{
	return "second";
}

const char *second_only(void)
{
	return "second only";
}
