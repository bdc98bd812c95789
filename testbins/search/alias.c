/* Needs the same file by two names. */
#include <stdio.h>

int first(void), second(void);

int main(void)
{
	printf("%d %d\n", first(), second());
	return 0;
}
