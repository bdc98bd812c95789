/* Runs code that the compiler puts on the stack. */
static __attribute__((noinline)) int call(int (*f)(int))
{
	return f(2);
}

int nested(int n);
int nested(int n)
{
	int add(int m)
	{
		return n + m;
	}

	return call(add);
}
