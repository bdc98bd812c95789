int helper(int);
int victim_data = 5;
static int *inside = &victim_data;
static __thread int local = 3;

__attribute__((constructor)) static void start(void)
{
	*inside += 1;
}

int victim(int x)
{
	return helper(x) + local++;
}
