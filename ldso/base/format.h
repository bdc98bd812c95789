/* format.h: text from a format, into a buffer or to a descriptor.
 *
 * Formats are a subset of printf's: %s (NULL prints as "(null)"), %c, %d %u %x with the lengths l,
 * z and j, %p, %%; with a minimum width, and the flags 0 (pad with zeros) and - (pad on the right).
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Formats into buf (n bytes) and terminates the text unless n is 0.  Returns the length of the
 * whole text, which was truncated if that is n or more. */
size_t format(char *buf, size_t n, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
size_t format_args(char *buf, size_t n, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Prints to a descriptor, unbuffered. */
void print(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A destination for several pieces of text: a buffer, which truncates, or a descriptor, written to
 * through a buffer whenever that is full.  So a message of any length needs a fixed amount of
 * stack, and a short one is a single write(2), which the output of other processes cannot split. */
struct sink {
	char *buf;
	size_t room, used;
	size_t total;       /* bytes so far, including truncated ones */
	int fd;             /* the destination of a full buffer; -1: truncate */
	const char *prefix; /* text before each line; NULL: none */
	bool in_line;       /* with a prefix: the line has its */
};

struct sink sink_buffer(char *buf, size_t n);
struct sink sink_file(int fd, char *buf, size_t n);
void sink_put(struct sink *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sink_args(struct sink *s, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
/* For sink_buffer(buf, n): terminates the text and returns its whole length, as format() does. */
size_t sink_end(struct sink *s, size_t n);
/* For sink_file(): writes what is still in the buffer. */
void sink_flush(struct sink *s);

#endif
