/* A library that is opened at run time and calls back through the first. */
int early_again(int (*callback)(int), int x);

__thread int later_mark = 7;

static int later_callback(int x)
{
	later_mark += x;
	return later_mark;
}

int later_step(int x)
{
	return early_again(later_callback, x);
}
