const char *provided(void)
{
	return "the competitor's";
}

const char *competing_view(void)
{
	return provided();
}
