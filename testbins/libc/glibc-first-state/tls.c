static __thread char block[5000];

char *of_tls(void);
char *of_tls(void)
{
	return block;
}
