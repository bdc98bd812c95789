static int odd_end = 7;
static char zero[12345];
static char more[3 * 1024 * 1024];

int library_check(void)
{
	unsigned i;
	int nonzero = 0;

	for (i = 0; i < sizeof(zero); i++)
		nonzero += zero[i] != 0;
	for (i = 0; i < sizeof(more); i += 17)
		nonzero += more[i] != 0;
	more[sizeof(more) - 1] = 1;
	return odd_end + nonzero;
}
