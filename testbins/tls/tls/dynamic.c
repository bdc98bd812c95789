extern __thread int library_variable;
__thread int dynamic = 100;
static __thread int first = 7, second = 8;

int dynamic_sum(int add)
{
	dynamic += add;
	return dynamic + library_variable;
}

int local_dynamic_sum(int add)
{
	first += add;
	second += add;
	return first * second;
}
