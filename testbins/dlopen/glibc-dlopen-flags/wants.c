/* Finds global_value only if somebody opened it with RTLD_GLOBAL. */
int global_value(void);

int wanted(void);
int wanted(void)
{
	return global_value();
}
