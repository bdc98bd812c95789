/* A block that malloc returns to the loader. */
static __thread char block[100];

char *of_tls(void)
{
	block[99]++;
	return block;
}
