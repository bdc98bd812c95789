#include <stdlib.h>

char *allocate(int size)
{
	return malloc(size);
}

void write_at(char *block, int at)
{
	block[at] = 1;
}
