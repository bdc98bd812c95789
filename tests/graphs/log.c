/*
 * Lines are written at once and unbuffered, so that their order is the order of the events, whatever
 * runs before or after stdio. There is no constructor here, so that it may be used before its turn.
 */
#include "log.h"

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

static struct library *libraries;

void log_join(struct library *l)
{
	l->next = libraries;
	libraries = l;
}

void log_leave(struct library *l)
{
	struct library **at = &libraries;

	while (*at && *at != l)
		at = &(*at)->next;
	if (*at)
		*at = l->next;
}

struct library *log_libraries(void)
{
	return libraries;
}
