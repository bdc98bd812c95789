/* Objects with the flags of DT_FLAGS_1, those that the program needs and those that it opens. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void preinit(int argc, char **argv)
{
	printf("program: preinit, %d arguments, %s\n", argc, argv[argc - 1]);
}

__attribute__((section(".preinit_array"), used)) static void (*const preinits[])(int, char **) = {
	preinit};

__attribute__((constructor)) static void begin(int argc)
{
	printf("program: constructor, %d arguments\n", argc);
}

__attribute__((destructor)) static void end(void)
{
	puts("program: destructor");
}

static void at_exit(void)
{
	puts("program: atexit");
}

static void *open_it(const char *name)
{
	void *handle;

	printf("open %s\n", name);
	handle = dlopen(name, RTLD_NOW);
	printf("%s: %s\n", name, handle ? "opened" : "refused");
	return handle;
}

static int mapped(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[1000];
	int found = 0;

	while (fgets(line, sizeof(line), maps))
		found |= strstr(line, name) != NULL;
	fclose(maps);
	return found;
}

int main(void)
{
	void *handle;

	setvbuf(stdout, NULL, _IONBF, 0);
	atexit(at_exit);
	open_it("libnoopen.so"); /* there already */
	handle = open_it("libplain.so");
	printf("close: %d, ", dlclose(handle));
	printf("mapped: %d\n", mapped("libplain.so"));
	handle = open_it("libstays.so");
	printf("close: %d, ", dlclose(handle));
	printf("mapped: %d\n", mapped("libstays.so"));
	open_it("libnodeflib.so");
	puts("end of main");
	return 3;
}
