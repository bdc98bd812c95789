#include <stdlib.h>

char *allocate_there(int size)
{
	return malloc(size);
}
