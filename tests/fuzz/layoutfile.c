/* layoutfile.c: files of layouts that were learnt (libc/glibc/layout_file.c). */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "libc/glibc/layout_file.h"

const unsigned regions = 0;

/* The text of a known layout, with the input over its end from somewhere on: random text alone seldom gets
 * behind the first line. */
static char *over_known(const char *input, size_t n, size_t *size)
{
	struct layout_file f = {.machine = ARCH_NAME, .build_id = "00", .version = "2.44"};
	size_t known, at, which = 0;
	char *text;

	while (glibc_layout_at(which + 1))
		which++;
	glibc_read_layout(which, &f.layout);
	strcpy(f.near, glibc_layout_at(which)->name);
	known = layout_file_format(&f, NULL, 0);
	text = malloc(known + n + 1);
	layout_file_format(&f, text, known + 1);
	at = ((unsigned char)input[0] << 8 | (unsigned char)input[1]) % known;
	memcpy(text + at, input + 2, n - 2);
	*size = at + n - 2 > known || input[0] & 1 ? at + n - 2 : known;
	return text;
}

static void parse(const char *text, size_t n)
{
	char *exact = malloc(n);
	struct layout_file f;
	struct layout_fault fault = {0};
	const struct glibc_layout *l = &f.layout;

	memcpy(exact, text, n);
	if (!layout_file_parse(exact, n, &f, &fault))
		expect(fault.text[0]);
	else
		expect(l->ro.size <= 1280 && l->global.size <= 6144 &&
			l->ro.cpu_features + l->cpu.size <= l->ro.size &&
			l->ro.auxv + 8 <= l->ro.size && l->global.stack_cache + 8 <= l->global.size &&
			l->map.relro_size + 8 <= l->map.size && l->pthread.tid + 8 <= l->pthread.size);
	free(exact);
}

void fuzz(struct loader *ld)
{
	size_t n, size;
	char *all = harness_text(&n), *text;

	(void)ld;
	parse(all, n);
	if (n > 2) {
		text = over_known(all, n, &size);
		parse(text, size);
		free(text);
	}
	free(all);
}
