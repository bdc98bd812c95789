int first(void)
{
	return 1;
}
