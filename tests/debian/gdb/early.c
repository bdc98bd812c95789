/* A library that is there at start; its functions are bound at their first call. */
__thread int early_mark = 40;

int early_step(int x)
{
	early_mark += x;
	return early_mark * 2;
}

int early_again(int (*callback)(int), int x)
{
	return callback(x) + 1;
}

__attribute__((constructor)) static void early_begin(void)
{
	early_mark++;
}
