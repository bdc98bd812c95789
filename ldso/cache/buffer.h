/* buffer.h: a table that grows while it is written; it lies in an arena. */
#ifndef BUFFER_H
#define BUFFER_H

#include "memory/alloc.h"

struct buffer {
	char *data;
	size_t n, room; /* bytes */
};

/* Appends n bytes; returns where they are until the next call.  NULL: no memory. */
void *buffer_add(struct arena *arena, struct buffer *b, const void *what, size_t n);

#endif
