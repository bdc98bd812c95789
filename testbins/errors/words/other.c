int other(void)
{
	return 3;
}
