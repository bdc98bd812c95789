/* Which of several libraries of the same name was found, and which preloaded one came first. */
#include "free.h"

const char *which(void);
__attribute__((weak)) const char *preloaded(void);

int main(void)
{
	put("libx.so is ");
	put(which());
	put(", first is ");
	put(preloaded ? preloaded() : "nobody");
	put("\n");
	return 0;
}
