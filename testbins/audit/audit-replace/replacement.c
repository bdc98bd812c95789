int bound(void)
{
	return 100;
}

int found(void)
{
	return 200;
}

int called(void)
{
	return 300;
}
