/* What a program started as a command sees. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_maps.h"

const char *which(void);

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	check_maps("at main");
	printf("%d %s %s %s\n", argc, slash ? slash + 1 : argv[0], argc > 1 ? argv[1] : "-",
		which());
	return 0;
}
