/* What gcc compiles and gdb looks at. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int deepest(int depth, double x)
{
	if (depth)
		return deepest(depth - 1, x + 1) + 1;
	return (int)floor(sqrt(x));
}

int main(void)
{
	int values[] = {4, 1, 3};

	qsort(values, 3, sizeof *values, compare);
	printf("%d %d %d\n", values[0], values[2], deepest(3, 22));
	return 5;
}
