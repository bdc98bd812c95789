int bound(void)
{
	return 10;
}

int found(void)
{
	return 20;
}

int called(void)
{
	return 30;
}

_Thread_local int local = 40;
