/* diag.c: error messages, and the trace of LD_DEBUG; see diag.h. */
#include <stdbool.h>

#include "state/diag.h"
#include "base/format.h"
#include "base/mem.h"
#include "memory/alloc.h"

#define MAX_KEPT 1000

int diag_fail(struct diag *d, const char *fmt, ...)
{
	struct diag_line *line = NULL;
	char text[256];
	va_list args;
	size_t n;

	va_start(args, fmt);
	n = format_args(text, sizeof text, fmt, args) + 1;
	if (d->count++ < MAX_KEPT)
		line = arena_alloc(d->arena, sizeof *line + n);
	if (line) {
		if (n <= sizeof text)
			memcpy(line->text, text, n);
		else
			format_args(line->text, n, fmt, args);
		*(d->last ? &d->last->next : &d->first) = line;
		d->last = line;
	} else if (d->count <= MAX_KEPT && !d->spare[0]) {
		format_args(d->spare, sizeof d->spare, fmt, args);
	} else {
		d->dropped++;
	}
	va_end(args);
	return -1;
}

void diag_clear(struct diag *d)
{
	d->first = d->last = NULL;
	d->count = d->dropped = 0;
	d->spare[0] = 0;
}

void diag_return(struct diag *d, const struct diag *before)
{
	*d = *before;
	if (d->last)
		d->last->next = NULL;
}

static void put_all(struct sink *s, const struct diag *d, const char *prefix)
{
	const char *between = "";

	for (const struct diag_line *line = d->first; line; line = line->next, between = "\n")
		sink_put(s, "%s%s%s", between, prefix, line->text);
	if (d->spare[0]) {
		sink_put(s, "%s%s%s", between, prefix, d->spare);
		between = "\n";
	}
	if (d->dropped)
		sink_put(s, "%s%sand %u more messages", between, prefix, d->dropped);
}

void diag_print(const struct diag *d, int fd)
{
	char buf[512];
	struct sink s = sink_file(fd, buf, sizeof buf);

	put_all(&s, d, "myld.so: ");
	if (s.total)
		sink_put(&s, "\n");
	sink_flush(&s);
}

size_t diag_text(const struct diag *d, char *buf, size_t n)
{
	struct sink s = sink_buffer(buf, n);

	put_all(&s, d, "");
	return sink_end(&s, n);
}

void diag_debug(const struct diag *d, const char *fmt, ...)
{
	char buf[512];
	struct sink s = sink_file(d->fd, buf, sizeof buf);
	va_list args;

	sink_put(&s, "%10ld:\t", d->pid);
	va_start(args, fmt);
	sink_args(&s, fmt, args);
	va_end(args);
	sink_put(&s, "\n");
	sink_flush(&s);
}
