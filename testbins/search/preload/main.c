#include <stdio.h>
#include <stdlib.h>

#include "check_maps.h"

const char *name(void);

int main(void)
{
	check_maps("at main");
	printf("name: %s\n", name());
	printf("getenv: %s\n", getenv("ANYTHING"));
	return 0;
}
