/* The same functions in one version. */
const char *function(void);
int only_first(void);
int added_second(void);
int added_third(void);

const char *function(void)
{
	return "old";
}

int only_first(void)
{
	return 1;
}

int added_second(void)
{
	return 2;
}

int added_third(void)
{
	return 3;
}
