/* exit() before main: what was constructed is destructed, what was not is not. */
#include <stdio.h>
#include <stdlib.h>

void last(void);

__attribute__((constructor)) static void start(void)
{
	puts("constructor of the program");
}

__attribute__((destructor)) static void stop(void)
{
	puts("destructor of the program");
}

int main(void)
{
	last();
	puts("main is reached");
	return 0;
}
