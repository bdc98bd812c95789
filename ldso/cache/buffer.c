/* buffer.c: a table that grows by doubling; see buffer.h. */
#include "cache/buffer.h"
#include "base/mem.h"

#define MINIMUM 4096 /* bytes */

void *buffer_add(struct arena *arena, struct buffer *b, const void *what, size_t n)
{
	char *at;

	if (b->room - b->n < n) {
		size_t room = 2 * b->room + n + MINIMUM;
		char *data = arena_alloc(arena, room);

		if (!data)
			return NULL;
		if (b->n)
			memcpy(data, b->data, b->n);
		b->data = data;
		b->room = room;
	}
	at = b->data + b->n;
	b->n += n;
	return memcpy(at, what, n);
}
