/* What the handler of SIGSYS calls for the first time while the loader is in the middle of a dlopen:
 * lazy binding, and a first access to TLS. */
static __thread int trapped;

void count_trap(void);
int traps(void);

void count_trap(void)
{
	trapped++;
}

int traps(void)
{
	return trapped;
}
