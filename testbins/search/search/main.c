/* Which of several libraries of the same name was found. */
#include <stdio.h>

#include "check_maps.h"

const char *which(void), *below_it(void);

int main(void)
{
	check_maps("at main");
	printf("libx.so is %s, liby.so below it is %s\n", which(), below_it());
	return 0;
}
