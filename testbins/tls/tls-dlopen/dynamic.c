__thread int counter = 10;
static __thread _Alignas(1024) char megabyte[1024 * 1024] = {1};

int bump(void)
{
	return ++counter;
}

char *buffer(void)
{
	return megabyte;
}
