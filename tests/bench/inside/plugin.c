/* plugin.c: a small library as programs open them: a few symbols, some from libc. */
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {"one", "two", "three"};

int plugin_answer(void);
char *plugin_word(unsigned i);

int plugin_answer(void)
{
	return 42;
}

char *plugin_word(unsigned i)
{
	return strdup(i < sizeof words / sizeof *words ? words[i] : getenv("HOME"));
}
