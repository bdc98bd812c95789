int wanted(void);
int wants(void);
int wants(void)
{
	return wanted();
}
