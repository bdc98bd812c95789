/* Needs the same file by two names. */
#include <stdio.h>

int first(void), second(void);

int main(void)
{
	printf("%d\n", first());
	printf("%d\n", second());
	return 0;
}
