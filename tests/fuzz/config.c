/* config.c: words of a command line and of an environment, as the kernel hands them over.
 *
 * The input's first byte says how the loader was started, then come lines: words, an empty line, variables.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "base/list.h"
#include "state/config.h"
#include "state/diag.h"

enum { WORDS = 48, SELF = 0x1000, PROGRAM = 0x2000, COMMAND = 1, SECURE = 2 };

const unsigned regions = 0;

/* The vector, each word in a block of its own. */
struct vector {
	uintptr_t word[2 * WORDS + 16];
	char *block[2 * WORDS];
	size_t words, blocks;
};

static char *add_words(struct vector *v, char *text, size_t *count)
{
	for (*count = 0; text && *text && *text != '\n' && *count < WORDS; (*count)++) {
		char *end = strchr(text, '\n');
		size_t n = end ? (size_t)(end - text) : strlen(text);

		v->word[v->words++] = (uintptr_t)(v->block[v->blocks++] = strndup(text, n));
		text = end ? end + 1 : NULL;
	}
	v->word[v->words++] = 0;
	return text && *text == '\n' ? text + 1 : text;
}

static void add_auxv(struct vector *v, unsigned how)
{
	const uintptr_t auxv[] = {AT_PAGESZ, 4096, AT_ENTRY, how & COMMAND ? SELF : PROGRAM,
		AT_SECURE, how & SECURE, AT_NULL, 0};

	memcpy(v->word + v->words, auxv, sizeof auxv);
}

/* argc, the words, NULL, the variables, NULL, the auxiliary vector: without a gap. */
static void check_vector(const struct config *c, const struct vector *v)
{
	const uintptr_t *at = c->stack + 1 + c->argc;

	expect(c->argc >= 0 && c->argc <= WORDS && c->stack[0] == (uintptr_t)c->argc);
	expect(c->stack >= v->word && c->argv == (char **)c->stack + 1 && !*at);
	expect(c->envp == (char **)at + 1);
	for (at++; *at; at++)
		expect(!c->secure || strncmp((const char *)*at, "LD_", 3));
	expect((uintptr_t *)c->auxv == at + 1 && c->auxv->a_type == AT_PAGESZ);
	expect(!c->problem || *c->problem);
	harness_touch_string(c->problem_word);
	harness_touch_string(c->library_path);
	harness_touch_string(c->preload);
	harness_touch_string(c->program);
	harness_touch_string(c->cache_limit);
}

void fuzz(struct loader *ld)
{
	struct vector v = {.words = 1};
	size_t n, argc, envc;
	char *all = harness_text(&n), *rest;
	unsigned how = n ? (unsigned char)*all : 0;

	if (n) {
		rest = add_words(&v, all + 1, &argc);
		v.word[0] = argc;
		add_words(&v, rest, &envc);
		add_auxv(&v, how);
		config_read(&ld->config, v.word, SELF);
		expect(ld->config.command == (how & COMMAND));
		expect(ld->config.secure == !!(how & SECURE));
		check_vector(&ld->config, &v);
	}
	while (v.blocks)
		free(v.block[--v.blocks]);
	free(all);
}
