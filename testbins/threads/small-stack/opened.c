int of_dep(void);

int of_opened(void);
int of_opened(void)
{
	return 1 + of_dep();
}
