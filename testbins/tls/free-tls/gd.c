extern __thread int initial_exec;
__thread int dynamic = 100;
static __thread int first = 7, second = 8;
static _Alignas(4096) __thread char page[8];

int gd_sum(void)
{
	return initial_exec + dynamic++;
}

int ld_sum(void)
{
	return first++ + second++;
}

char *library_aligned(void)
{
	return page;
}
