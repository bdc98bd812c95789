static __thread char bytes[200] = {5};

int plain(void)
{
	return 1;
}

int of_tls(void)
{
	return bytes[0]++;
}
