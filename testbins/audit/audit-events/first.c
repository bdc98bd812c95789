int twice(int n);

static __thread int calls;

int first(int n)
{
	return twice(n) + ++calls;
}
