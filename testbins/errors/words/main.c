/* Opens each MODE:NAME and prints what comes of it. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *name;
		int mode = (int)strtoul(argv[i], &name, 0);
		void *handle = dlopen(name[1] ? name + 1 : NULL, mode);

		printf("%s: %s\n", argv[i], handle ? "opened" : dlerror());
	}
	return 0;
}
