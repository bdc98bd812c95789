#include <stdio.h>

static _Thread_local int local = 3;
static _Thread_local int zero;

int main(void)
{
	printf("main %d %d\n", local, zero);
	return 0;
}
