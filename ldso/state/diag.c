/* diag.c: error messages, and the trace of LD_DEBUG; see diag.h. */
#include <stdbool.h>

#include "state/diag.h"
#include "base/format.h"
#include "base/mem.h"
#include "memory/alloc.h"

#define MAX_KEPT    1000
#define PREFIX_ROOM 24 /* bytes of a process id and what is around it */

/* Names in a message come from files that may be damaged or hostile: none may move a terminal's
 * cursor. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\n') || *text == 0x7f)
			*text = '?';
}

static int keep(struct diag *d, enum about about, const char *fmt, va_list args)
{
	struct diag_line *line = NULL;
	char text[256];
	size_t n;

	n = format_args(text, sizeof text, fmt, args) + 1;
	if (d->count++ < MAX_KEPT)
		line = arena_alloc(d->arena, sizeof *line + n);
	if (line) {
		line->about = about;
		if (n <= sizeof text)
			memcpy(line->text, text, n);
		else
			format_args(line->text, n, fmt, args);
		make_printable(line->text);
		*(d->last ? &d->last->next : &d->first) = line;
		d->last = line;
	} else if (d->count <= MAX_KEPT && !d->spare[0]) {
		format_args(d->spare, sizeof d->spare, fmt, args);
		make_printable(d->spare);
	} else {
		d->dropped++;
	}
	return -1;
}

int diag_fail(struct diag *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	keep(d, ABOUT_OTHER, fmt, args);
	va_end(args);
	return -1;
}

int diag_about(struct diag *d, enum about about, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	keep(d, about, fmt, args);
	va_end(args);
	return -1;
}

int diag_add(struct diag *d, const char *fmt, ...)
{
	const struct diag_line *old = d->last;
	struct diag_line **at = &d->first, *line;
	size_t start = old ? strlen(old->text) + 1 : 0, n;
	va_list args;

	va_start(args, fmt);
	if (old) {
		n = start + format_args(NULL, 0, fmt, args) + 1;
		line = arena_alloc(d->arena, sizeof *line + n);
		while (*at != old)
			at = &(*at)->next;
		if (line) {
			*at = d->last = line;
			line->about = old->about;
			format(line->text, n, "%s\n", old->text);
			format_args(line->text + start, n - start, fmt, args);
			make_printable(line->text);
		}
	} else {
		keep(d, ABOUT_OTHER, fmt, args);
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

/* What begins a message, by what it is about, and its second line. */
struct layout {
	const char *program;
	const char (*start)[ABOUT_ROOM]; /* NULL: nothing begins a message */
	const char *second;
};

static void put_line(struct sink *s, const char *text, enum about about, const struct layout *l)
{
	if (l->start && l->start[about][0])
		sink_put(s, "%s%s", l->program, l->start[about]);
	for (; *text; text++) {
		sink_put(s, "%c", *text);
		if (*text == '\n')
			sink_put(s, "%s", l->second);
	}
}

static void put_all(struct sink *s, const struct diag *d, const struct layout *l)
{
	const char *between = "";

	for (const struct diag_line *line = d->first; line; line = line->next) {
		sink_put(s, "%s", between);
		put_line(s, line->text, line->about, l);
		between = "\n";
	}
	if (d->spare[0]) {
		sink_put(s, "%s", between);
		put_line(s, d->spare, ABOUT_OTHER, l);
		between = "\n";
	}
	if (d->dropped)
		sink_put(s, "%s%sand %u more messages", between, l->second, d->dropped);
}

void diag_print(const struct diag *d, int fd, const char *program, const char (*start)[ABOUT_ROOM])
{
	char buf[512];
	struct sink s = sink_file(fd, buf, sizeof buf);

	put_all(&s, d, &(struct layout){program, start, "myld.so: "});
	if (s.total)
		sink_put(&s, "\n");
	sink_flush(&s);
}

size_t diag_text(const struct diag *d, char *buf, size_t n)
{
	struct sink s = sink_buffer(buf, n);

	put_all(&s, d, &(struct layout){.second = ""});
	return sink_end(&s, n);
}

size_t diag_first(const struct diag *d, char *buf, size_t n)
{
	struct sink s = sink_buffer(buf, n);
	const char *text = d->first ? d->first->text : d->spare;

	for (; *text && *text != '\n'; text++)
		sink_put(&s, "%c", *text);
	return sink_end(&s, n);
}

static struct sink debug_sink(const struct diag *d, char *buf, size_t n, char prefix[PREFIX_ROOM])
{
	struct sink s = sink_file(d->fd, buf, n);

	format(prefix, PREFIX_ROOM, "%10ld:\t", d->pid);
	s.prefix = prefix;
	return s;
}

void diag_debug_args(const struct diag *d, const char *fmt, va_list args)
{
	char buf[512], prefix[PREFIX_ROOM];
	struct sink s = debug_sink(d, buf, sizeof buf, prefix);

	sink_args(&s, fmt, args);
	sink_flush(&s);
}

void diag_debug(const struct diag *d, const char *fmt, ...)
{
	char buf[512], prefix[PREFIX_ROOM];
	struct sink s = debug_sink(d, buf, sizeof buf, prefix);
	va_list args;

	va_start(args, fmt);
	sink_args(&s, fmt, args);
	va_end(args);
	sink_put(&s, "\n");
	sink_flush(&s);
}
