const char *below(void);

const char *which(void)
{
	return WHICH;
}

const char *below_it(void)
{
	return below();
}
