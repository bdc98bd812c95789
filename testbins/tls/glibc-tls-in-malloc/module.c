static __thread int number = 7;

int *module(void)
{
	return &number;
}
