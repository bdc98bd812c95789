/* buffer.h: a growing table in an arena. */
#ifndef BUFFER_H
#define BUFFER_H

#include "memory/alloc.h"

struct buffer {
	char *data;
	size_t n, room; /* bytes */
};

/* Appends n bytes and returns their address, valid until the next call; NULL when memory is
 * exhausted. */
void *buffer_add(struct arena *arena, struct buffer *b, const void *what, size_t n);

#endif
