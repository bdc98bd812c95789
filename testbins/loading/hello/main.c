/* The smallest C program, linked in each of the ways there are. */
#include <stdio.h>

#include "check_maps.h"

int main(int argc, char **argv)
{
	int i;

	check_maps("at main");
	for (i = 0; i < argc; i++)
		printf("argv[%d] = %s\n", i, argv[i]);
	return argc;
}
