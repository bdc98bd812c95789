/*
 * The one thing that all libraries of a graph share: it writes "WHAT NAME\n" at once and
 * unbuffered, so that the order of the lines is the order of the events, whatever runs before or
 * after stdio. It has no constructor, so it may be used before its turn.
 */
#include <string.h>
#include <unistd.h>

void log_event(const char *what, const char *name)
{
	char line[256];
	size_t a = strlen(what), b = strlen(name);

	if (a + b + 2 > sizeof(line))
		return;
	memcpy(line, what, a);
	line[a] = ' ';
	memcpy(line + a + 1, name, b);
	line[a + 1 + b] = '\n';
	if (write(1, line, a + b + 2) < 0)
		_exit(99);
}
