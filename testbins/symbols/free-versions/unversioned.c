int answer(void)
{
	return 1;
}

int plain(void)
{
	return 10;
}
