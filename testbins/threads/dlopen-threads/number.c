static int state;
static __thread int own;

int number(void)
{
	own++;
	return own > 0 && state == 1 ? N : -1;
}

/* Nobody may get at the library before this is through. */
__attribute__((constructor)) static void construct(void)
{
	volatile int i;

	for (i = 0; i < 100000; i++)
		;
	state = 1;
}
