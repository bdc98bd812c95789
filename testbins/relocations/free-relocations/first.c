extern int only_in_second;

int data = 10, bss_like;
const char *const words[] = {"zero", "one", "two", 0};
int *second = &only_in_second;

int interposed(void)
{
	return 2;
}

int calls_interposed(void)
{
	return interposed();
}

int reads_data(void)
{
	return data;
}

int function(int x)
{
	return x * *second;
}

__attribute__((visibility("hidden"))) int hidden(void)
{
	return 3;
}

int hidden_result(void)
{
	return hidden();
}
