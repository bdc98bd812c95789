/* What every entry of every library's table says. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

typedef const char *function(void);

static void show(const char *name, void *handle)
{
	char symbol[40];
	function **table;
	int (*count)(void), n;

	snprintf(symbol, sizeof symbol, "%s_table", name);
	table = dlsym(handle, symbol);
	snprintf(symbol, sizeof symbol, "%s_count", name);
	count = (int (*)(void))dlsym(handle, symbol);
	for (n = 0; table[n] || table[n + 1]; n++)
		printf("%s %d: %s\n", name, n, table[n] ? table[n]() : "nobody");
	printf("%s: %d entries, counted %d\n", name, n, count());
}

int main(void)
{
	static const char names[][4] = {"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"};
	void *opened;

	for (unsigned i = 0; i < 8; i++)
		show(names[i], RTLD_DEFAULT);
	opened = dlopen("libopened.so", RTLD_NOW | RTLD_LOCAL);
	if (!opened)
		return 1;
	show("opened", opened);
	return 0;
}
