int choice(void);

static int chosen(void)
{
	return 42;
}

static int (*resolve(void))(void)
{
	return chosen;
}

int choice(void) __attribute__((ifunc("resolve")));
