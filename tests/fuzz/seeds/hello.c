/* Prints one line: what every broken library is preloaded into. */
#include <stdio.h>

int main(void)
{
	return puts("fine") < 0;
}
