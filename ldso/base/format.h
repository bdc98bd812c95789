/* format.h: text from a format, into a buffer or to a descriptor.
 *
 * Formats, a part of printf's with its meaning: %s (NULL prints as "(null)"), %c, %d %u %x with the
 * lengths l, z and j, %p, %%; a number between % and the letter is the least width, a leading 0
 * pads with zeros, a leading - pads on the right.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Formats into buf; always terminated unless n is 0; the length that was needed. */
size_t format(char *buf, size_t n, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
size_t format_args(char *buf, size_t n, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Prints to a descriptor at once. */
void print(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Where several pieces of text go one after the other: into a buffer, which takes what it has room
 * for, or through one to a descriptor, whenever it is full.  So a message of any length needs a
 * fixed amount of stack, and a short one is a single write(2), which the output of other processes
 * cannot tear apart. */
struct sink {
	char *buf;
	size_t room, used;
	size_t total; /* bytes so far, whether they had room or not */
	int fd;       /* where a full buffer goes; -1: nowhere */
};

struct sink sink_buffer(char *buf, size_t n);
struct sink sink_file(int fd, char *buf, size_t n);
void sink_put(struct sink *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sink_args(struct sink *s, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
/* sink_buffer(): terminates the text; the length that was needed. */
size_t sink_end(struct sink *s, size_t n);
/* sink_file(): writes what is still in the buffer. */
void sink_flush(struct sink *s);

#endif
