static __thread char bytes[300] = {4};

int of_dep(void);
int of_dep(void)
{
	return bytes[0];
}
