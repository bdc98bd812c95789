/* tunables.c: GLIBC_TUNABLES and the variables that stand for one tunable, by the rules of a build of glibc.
 *
 * The input's first byte says of which, its lines are the environment.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "libc/glibc/tunables.h"

enum { VARIABLES = 32 };

const unsigned regions = 0;

static void check_value(const struct glibc_tunable *t)
{
	const struct tunable_value *v = tunables_find(t->name);

	if (!v || !v->is_set)
		return;
	if (t->type == TUNABLE_STRING)
		expect(!v->text.s[v->text.length]);
	else if (t->type == TUNABLE_INT32)
		expect(v->number >= v->min && v->number <= v->max);
	else
		expect((uint64_t)v->number >= (uint64_t)v->min &&
			(uint64_t)v->number <= (uint64_t)v->max);
}

static void read_as(struct loader *ld, unsigned which)
{
	struct glibc_build b;
	size_t rows = 0;

	while (glibc_row_at(rows))
		rows++;
	glibc_read_build(glibc_row_at(which % rows), &b);
	expect(tunables_init(ld, &b) == 0);
	for (size_t i = 0; i < b.ntunables; i++)
		check_value(&b.tunables[b.order[i]]);
	tunables_print();
}

void fuzz(struct loader *ld)
{
	char *environment[VARIABLES + 1] = {0}, *blocks[VARIABLES];
	size_t n, count = 0;
	char *all = harness_text(&n);

	for (char *p = n ? all + 1 : NULL; p && *p && count < VARIABLES; count++) {
		char *end = strchr(p, '\n');

		environment[count] = blocks[count] =
			strndup(p, end ? (size_t)(end - p) : strlen(p));
		p = end ? end + 1 : NULL;
	}
	ld->config.envp = environment;
	if (n)
		read_as(ld, (unsigned char)*all);
	while (count)
		free(blocks[--count]);
	free(all);
}
