/* Calls back into the program and down into what it needs. */
#include <stdio.h>

const char *exported_by_program(void);
const char *needed_name(void);

const char *plugin_name(void)
{
	static char text[100];

	snprintf(
		text, sizeof(text), "plugin, with %s and %s", exported_by_program(), needed_name());
	return text;
}

__attribute__((constructor)) static void start(void)
{
	printf("constructor of plugin: %s\n", needed_name());
}

__attribute__((destructor)) static void stop(void)
{
	puts("destructor of plugin");
}
