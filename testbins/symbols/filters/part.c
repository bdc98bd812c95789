int value(void);

int value(void)
{
	return 3;
}
