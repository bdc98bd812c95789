int c_value = 100;

int c_twice(int x)
{
	return 2 * x;
}
