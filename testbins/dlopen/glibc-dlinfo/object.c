/* Symbols of each kind to be asked about. */
__thread int local_to_thread = 3;
char variable[100];

int function(int n);
int function(int n)
{
	return n + local_to_thread;
}

static __attribute__((noinline, used)) int hidden(void)
{
	return variable[0];
}

void *address_of_hidden(void);
void *address_of_hidden(void)
{
	return (void *)hidden;
}

void *address_of_local(void);
void *address_of_local(void)
{
	return &local_to_thread;
}
