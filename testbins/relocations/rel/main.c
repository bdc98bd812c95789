/* Relocations whose addends lie in the words themselves: DT_REL. */
#include <stdio.h>

#include "check_maps.h"

int function(int);
extern int table[4];
static int local[3] = {7, 8, 9};
int *inside = &local[2];
int *outside = &table[1];
int (*pointer)(int) = function;

int main(void)
{
	check_maps("at main");
	printf("%d %d %d %d\n", *inside, *outside, function(1), pointer(2));
	return 0;
}
