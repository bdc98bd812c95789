#include <stdio.h>

const char *place(void);

int main(void)
{
	printf("found in %s\n", place());
	return 0;
}
