/* A program that needs nothing from anyone, linked statically at a fixed address and as static-pie.
 */
#include "free.h"

static int initialised = 42;
static char zeroed[70000];

__attribute__((constructor)) static void start(void)
{
	put("constructor\n");
}

__attribute__((destructor)) static void stop(void)
{
	put("destructor\n");
}

int main(int argc, char **argv, char **envp)
{
	size_t i, nonzero = 0;

	for (i = 0; i < sizeof(zeroed); i++)
		nonzero += zeroed[i] != 0;
	show("argc", argc);
	for (; *argv; argv++) {
		put(*argv);
		put("\n");
	}
	show("has environment", *envp != NULL);
	show("initialised", initialised);
	show("nonzero bytes in .bss", (long)nonzero);
	return 7;
}
