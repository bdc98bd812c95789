/* STB_GNU_UNIQUE: one definition even for libraries that were opened with RTLD_LOCAL. */
#include "free.h"

void *dlopen(const char *, int) __attribute__((weak));
void *dlsym(void *, const char *) __attribute__((weak));

typedef int *address(void);

int main(void)
{
	void *first = dlopen("libfirst.so", 2), *second = dlopen("libsecond.so", 2);

	show("opened", first && second);
	show("one unique object", ((address *)dlsym(first, "unique"))() ==
					  ((address *)dlsym(second, "unique"))());
	show("one ordinary object",
		((address *)dlsym(first, "own"))() == ((address *)dlsym(second, "own"))());
	return 0;
}
