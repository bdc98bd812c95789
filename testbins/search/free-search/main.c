/* Which of several libraries of the same name was found. */
#include "free.h"

const char *which(void), *below_it(void);

int main(void)
{
	put("libx.so is ");
	put(which());
	put(", liby.so below it is ");
	put(below_it());
	put("\n");
	return 0;
}
