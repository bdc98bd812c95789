int wanted(void);
int wanted(void)
{
	return 2;
}
