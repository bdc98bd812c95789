/* format.c: text from a format, into a buffer or to a descriptor; see format.h. */
#include <stdint.h>

#include "base/format.h"
#include "base/mem.h"
#include "base/sys.h"

void sink_flush(struct sink *s)
{
	sys_write(s->fd, s->buf, s->used);
	s->used = 0;
}

static void put_raw(struct sink *s, char c)
{
	if (s->used == s->room && s->fd >= 0)
		sink_flush(s);
	if (s->used < s->room)
		s->buf[s->used++] = c;
	s->total++;
}

static void put_char(struct sink *s, char c)
{
	for (const char *p = s->in_line ? NULL : s->prefix; p && *p; p++)
		put_raw(s, *p);
	put_raw(s, c);
	s->in_line = c != '\n';
}

static void put_text(struct sink *s, const char *text, size_t n)
{
	if (s->prefix || n >= s->room - s->used) {
		while (n--)
			put_char(s, *text++);
		return;
	}
	memcpy(s->buf + s->used, text, n);
	s->used += n;
	s->total += n;
}

/* What a format has between % and the letter. */
struct format_field {
	size_t width;
	bool left, zeros;
	char length; /* 0, l, z or j */
};

static void put_field(struct sink *s, const struct format_field *f, const char *text, size_t n)
{
	size_t pad = f->width > n ? f->width - n : 0;

	for (; pad && !f->left; pad--)
		put_char(s, f->zeros ? '0' : ' ');
	put_text(s, text, n);
	while (pad--)
		put_char(s, ' ');
}

static void put_number(
	struct sink *s, struct format_field *f, uintmax_t v, unsigned base, const char *sign)
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

/* A va_list that can be passed by address: where va_list is an array, a parameter of that type is a
 * pointer. */
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

static void put_arg(struct sink *s, struct format_field *f, char letter, struct args *a)
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

void sink_args(struct sink *s, const char *fmt, va_list list)
{
	struct args a;

	va_copy(a.list, list);
	while (*fmt) {
		struct format_field f = {0};
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

void sink_put(struct sink *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	sink_args(s, fmt, args);
	va_end(args);
}

struct sink sink_buffer(char *buf, size_t n)
{
	return (struct sink){.buf = buf, .room = n ? n - 1 : 0, .fd = -1};
}

struct sink sink_file(int fd, char *buf, size_t n)
{
	return (struct sink){.buf = buf, .room = n, .fd = fd};
}

size_t sink_end(struct sink *s, size_t n)
{
	if (n)
		s->buf[s->used] = 0;
	return s->total;
}

size_t format_args(char *buf, size_t n, const char *fmt, va_list args)
{
	struct sink s = sink_buffer(buf, n);

	sink_args(&s, fmt, args);
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
	struct sink s = sink_file(fd, buf, sizeof buf);
	va_list args;

	va_start(args, fmt);
	sink_args(&s, fmt, args);
	va_end(args);
	sink_flush(&s);
}
