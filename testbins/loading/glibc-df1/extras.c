/* DF_1_INTERPOSE: before all but the program; DF_1_GLOBAL: as with RTLD_GLOBAL. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

const char *common(void);

int main(void)
{
	void *handle;

	setvbuf(stdout, NULL, _IONBF, 0);
	printf("common: %s\n", common());
	handle = dlopen("libglobal.so", RTLD_NOW);
	printf("opened: %d\n", handle != NULL);
	printf("in the global scope: %d\n", dlsym(RTLD_DEFAULT, "global_value") != NULL);
	_exit(0);
}
