/* maps.c: the input is /proc/self/maps, read in pieces of any length: line by line, and into the registry,
 * which takes it in or refuses it, and is whole in either case (harness_end()).
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "vm/maps.h"

const unsigned regions = 0;

struct text {
	const char *at;
	size_t left, piece;
};

static long read_text(void *ctx, void *buf, size_t n)
{
	struct text *t = ctx;

	if (n > t->piece)
		n = t->piece;
	if (n > t->left)
		n = t->left;
	memcpy(buf, t->at, n);
	t->at += n;
	t->left -= n;
	return (long)n;
}

/* Each line apart, in a block of its own. */
static void parse_lines(const char *text, size_t n)
{
	while (n) {
		const char *end = memchr(text, '\n', n);
		size_t length = end ? (size_t)(end - text) : n;
		struct vm_line line;
		char *copy = malloc(length ? length : 1);

		memcpy(copy, text, length);
		if (vm_line_parse(copy, length, &line) == 0)
			expect(line.name >= copy && line.name + line.name_len <= copy + length);
		free(copy);
		text += length + (end != NULL);
		n -= length + (end != NULL);
	}
}

void fuzz(struct loader *ld)
{
	size_t n;
	char *all = harness_text(&n);
	struct text text = {all + 1, n - 1, n ? 1 + (unsigned char)all[0] : 0}, again = text;
	struct vm_source source = {read_text, &text};

	if (n) {
		parse_lines(all + 1, n - 1);
		if (vm_refresh(&ld->vm, &source) == 0) {
			source.ctx = &again;
			expect(vm_compare(&ld->vm, &source, VM_ALL_LINES, NULL, NULL) >= 0);
		}
	}
	free(all);
}
