int value(void);
int other(void);

int value(void)
{
	return VALUE;
}

int other(void)
{
	return VALUE + 1;
}
