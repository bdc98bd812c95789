extern int c_value;
int c_twice(int);
int b_value = 10;

int b_sum(int x)
{
	return x + c_value + c_twice(x);
}
