#include <stdio.h>
#include <stdlib.h>

#include "law.h"

const char *name(void);

int main(void)
{
	law("at main");
	printf("name: %s\n", name());
	printf("getenv: %s\n", getenv("ANYTHING"));
	return 0;
}
