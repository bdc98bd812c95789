/* diag.c: formatting, error collection, and the debug output.
 *
 * Everything goes through one sink: a buffer that either ends there (format) or is written out
 * whenever it is full (print), so that a message of any length needs a fixed amount of stack and a
 * short one is a single write, which other processes' output can't tear apart.
 */
#include <stdbool.h>
#include <stdint.h>

#include "memory/alloc.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/sys.h"

#define MAX_KEPT 1000

struct sink {
	char *buf;
	size_t room, used;
	size_t total; /* bytes so far, whether they had room or not */
	int fd;       /* where a full buffer goes; -1: nowhere */
};

static void flush(struct sink *s)
{
	sys_write(s->fd, s->buf, s->used);
	s->used = 0;
}

static void put_char(struct sink *s, char c)
{
	if (s->used == s->room && s->fd >= 0)
		flush(s);
	if (s->used < s->room)
		s->buf[s->used++] = c;
	s->total++;
}

static void put_text(struct sink *s, const char *text, size_t n)
{
	if (n >= s->room - s->used) {
		while (n--)
			put_char(s, *text++);
		return;
	}
	memcpy(s->buf + s->used, text, n);
	s->used += n;
	s->total += n;
}

/* What stands between % and the letter. */
struct field {
	size_t width;
	bool left, zeros;
	char length; /* 0, l, z or j */
};

static void put_field(struct sink *s, const struct field *f, const char *text, size_t n)
{
	size_t pad = f->width > n ? f->width - n : 0;

	for (; pad && !f->left; pad--)
		put_char(s, f->zeros ? '0' : ' ');
	put_text(s, text, n);
	while (pad--)
		put_char(s, ' ');
}

static void put_number(
	struct sink *s, struct field *f, uintmax_t v, unsigned base, const char *sign)
{
	char digits[24], *p = digits + sizeof digits;

	do
		*--p = "0123456789abcdef"[v % base];
	while (v /= base);
	if (f->zeros) {
		/* The sign comes before the zeros. */
		for (; *sign; f->width -= !!f->width)
			put_char(s, *sign++);
	} else {
		for (size_t n = strlen(sign); n;)
			*--p = sign[--n];
	}
	put_field(s, f, p, (size_t)(digits + sizeof digits - p));
}

/* A va_list in a struct can be handed down by address on every machine. */
struct args {
	va_list list;
};

static uintmax_t next_unsigned(struct args *a, char length)
{
	switch (length) {
	case 'l': return va_arg(a->list, unsigned long);
	case 'z': return va_arg(a->list, size_t);
	case 'j': return va_arg(a->list, uintmax_t);
	default: return va_arg(a->list, unsigned);
	}
}

static intmax_t next_signed(struct args *a, char length)
{
	switch (length) {
	case 'l': return va_arg(a->list, long);
	case 'z': return va_arg(a->list, ptrdiff_t);
	case 'j': return va_arg(a->list, intmax_t);
	default: return va_arg(a->list, int);
	}
}

static void put_arg(struct sink *s, struct field *f, char letter, struct args *a)
{
	const char *text;
	intmax_t v;
	char c;

	switch (letter) {
	case 's':
		text = va_arg(a->list, const char *);
		if (!text)
			text = "(null)";
		put_field(s, f, text, strlen(text));
		break;
	case 'c':
		c = (char)va_arg(a->list, int);
		put_field(s, f, &c, 1);
		break;
	case 'd':
		v = next_signed(a, f->length);
		put_number(s, f, v < 0 ? -(uintmax_t)v : (uintmax_t)v, 10, v < 0 ? "-" : "");
		break;
	case 'u': put_number(s, f, next_unsigned(a, f->length), 10, ""); break;
	case 'x': put_number(s, f, next_unsigned(a, f->length), 16, ""); break;
	case 'p': put_number(s, f, (uintptr_t)va_arg(a->list, void *), 16, "0x"); break;
	default: put_char(s, letter); break; /* %% */
	}
}

static void put_args(struct sink *s, const char *fmt, va_list list)
{
	struct args a;

	va_copy(a.list, list);
	while (*fmt) {
		struct field f = {0};
		size_t plain = 0;

		while (fmt[plain] && fmt[plain] != '%')
			plain++;
		put_text(s, fmt, plain);
		fmt += plain;
		if (!*fmt)
			break;
		for (fmt++; *fmt == '-' || *fmt == '0'; fmt++)
			*(*fmt == '-' ? &f.left : &f.zeros) = true;
		for (; *fmt >= '0' && *fmt <= '9'; fmt++)
			f.width = f.width * 10 + (size_t)(*fmt - '0');
		if (*fmt == 'l' || *fmt == 'z' || *fmt == 'j')
			f.length = *fmt++;
		if (*fmt)
			put_arg(s, &f, *fmt++, &a);
	}
	va_end(a.list);
}

__attribute__((format(printf, 2, 3))) static void put(struct sink *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put_args(s, fmt, args);
	va_end(args);
}

static struct sink sink_buffer(char *buf, size_t n)
{
	return (struct sink){.buf = buf, .room = n ? n - 1 : 0, .fd = -1};
}

static size_t sink_end(struct sink *s, size_t n)
{
	if (n)
		s->buf[s->used] = 0;
	return s->total;
}

size_t format_args(char *buf, size_t n, const char *fmt, va_list args)
{
	struct sink s = sink_buffer(buf, n);

	put_args(&s, fmt, args);
	return sink_end(&s, n);
}

size_t format(char *buf, size_t n, const char *fmt, ...)
{
	va_list args;
	size_t needed;

	va_start(args, fmt);
	needed = format_args(buf, n, fmt, args);
	va_end(args);
	return needed;
}

void print(int fd, const char *fmt, ...)
{
	char buf[512];
	struct sink s = {.buf = buf, .room = sizeof buf, .fd = fd};
	va_list args;

	va_start(args, fmt);
	put_args(&s, fmt, args);
	va_end(args);
	flush(&s);
}

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

static void put_all(struct sink *s, const struct diag *d, const char *prefix)
{
	const char *between = "";

	for (const struct diag_line *line = d->first; line; line = line->next, between = "\n")
		put(s, "%s%s%s", between, prefix, line->text);
	if (d->spare[0]) {
		put(s, "%s%s%s", between, prefix, d->spare);
		between = "\n";
	}
	if (d->dropped)
		put(s, "%s%sand %u more messages", between, prefix, d->dropped);
}

void diag_print(const struct diag *d, int fd)
{
	char buf[512];
	struct sink s = {.buf = buf, .room = sizeof buf, .fd = fd};

	put_all(&s, d, "myld.so: ");
	if (s.total)
		put_char(&s, '\n');
	flush(&s);
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
	struct sink s = {.buf = buf, .room = sizeof buf, .fd = d->fd};
	va_list args;

	put(&s, "%10ld:\t", d->pid);
	va_start(args, fmt);
	put_args(&s, fmt, args);
	va_end(args);
	put_char(&s, '\n');
	flush(&s);
}

/* Strings of a fixed size: a table of pointers would be relocated at each start. */
static const struct {
	unsigned char number;
	char text[43];
} errors[] = {
	{1, "operation not permitted"},
	{2, "no such file or directory"},
	{4, "interrupted by a signal"},
	{5, "input/output error"},
	{6, "no such device or address"},
	{7, "argument list too long"},
	{8, "not an executable format"},
	{9, "bad file descriptor"},
	{11, "resource temporarily unavailable"},
	{12, "out of memory"},
	{13, "permission denied"},
	{14, "bad address"},
	{16, "device or resource busy"},
	{17, "file exists"},
	{19, "no such device, or it can't be mapped"},
	{20, "not a directory"},
	{21, "is a directory"},
	{22, "invalid argument"},
	{23, "too many open files in the system"},
	{24, "too many open files"},
	{26, "text file busy"},
	{27, "file too large"},
	{28, "no space left on device"},
	{29, "not seekable"},
	{30, "read-only file system"},
	{32, "broken pipe"},
	{34, "result does not fit"},
	{36, "file name too long"},
	{38, "system call not implemented"},
	{39, "directory not empty"},
	{40, "too many levels of symbolic links"},
	{61, "no data available"},
	{75, "value too large for its type"},
	{107, "transport endpoint is not connected"},
	{110, "timed out"},
	{111, "connection refused"},
	{112, "host is down"},
	{116, "stale file handle"},
	{117, "file system needs cleaning"},
	{121, "remote input/output error"},
	{122, "disk quota exceeded"},
	{126, "required key not available"},
	{129, "key was rejected"},
};

const char *errno_text(long negative_errno)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].number == -negative_errno)
			return errors[i].text;
	return "unknown error";
}
