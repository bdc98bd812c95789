static int target, data = 3;
static int *const relro[] = {&target, &data};

void *library_relro(void)
{
	return (void *)&relro[1];
}

void *library_data(void)
{
	return &data;
}

void *library_text(void)
{
	return (void *)library_data;
}
