#include <stdio.h>
#include <stdlib.h>

__thread int own = 7;

int work(int n)
{
	char *text = malloc(16);
	int result;

	snprintf(text, 16, "%d", n);
	result = atoi(text) + own;
	free(text);
	return result;
}
