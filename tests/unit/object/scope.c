/* scope.c: scopes of random graphs, with cycles, beside a plain breadth-first walk; the global scope;
 * and the load order as a list that loses objects.
 */
#include "object/scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/fake_loader.h"
#include "lib/graph.h"
#include "object/load_order.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { ROUNDS = 200 };

struct fixture {
	struct loader ld;
	struct graph g;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_loader_init(&f->ld);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	fake_loader_free(&f->ld);
	free(f);
	return 0;
}

static struct fixture *again(void **state)
{
	tear_down(state);
	set_up(state);
	return *state;
}

static void assert_scope(
	const struct fixture *f, const struct scope *s, const size_t *want, size_t n)
{
	assert_int_equal(s->count, n);
	assert_true(s->room >= n);
	for (size_t i = 0; i < n; i++)
		assert_ptr_equal(s->list[i], f->g.node[want[i]]);
}

/* Of every object in turn: one walk must leave nothing behind for the next. */
static void breadth_first(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = again(state);
		size_t want[GRAPH_MOST], n;

		graph_make(&f->ld, &f->g, 1 + any(GRAPH_MOST), 4, round & 1);
		for (size_t i = 0; i < f->g.count; i++) {
			n = graph_breadth_first(&f->g, i, NULL, 0, want);
			assert_int_equal(scope_make(&f->ld, f->g.node[i]), 0);
			assert_scope(f, &f->g.node[i]->state->scope, want, n);
		}
	}
}

static void what_is_preloaded_comes_second(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = again(state);
		size_t want[GRAPH_MOST], also[GRAPH_MOST], nalso = 0, n;

		graph_make(&f->ld, &f->g, 1 + any(GRAPH_MOST), 3, round & 1);
		for (size_t i = 1; i < f->g.count; i++)
			if (any(5) == 0) {
				f->g.node[i]->preloaded = true;
				also[nalso++] = i;
			}
		f->ld.program = f->g.node[0];
		n = graph_breadth_first(&f->g, 0, also, nalso, want);
		assert_int_equal(scope_make(&f->ld, f->ld.program), 0);
		assert_scope(f, &f->ld.program->state->scope, want, n);
	}
}

static void made_once(void **state)
{
	struct fixture *f = *state;
	struct dso **list;

	graph_make(&f->ld, &f->g, 10, 3, true);
	assert_int_equal(scope_make(&f->ld, f->g.node[0]), 0);
	list = f->g.node[0]->state->scope.list;
	fake_memory.left = 0;
	assert_int_equal(scope_make(&f->ld, f->g.node[0]), 0);
	assert_ptr_equal(f->g.node[0]->state->scope.list, list);
	assert_int_equal(scope_make(&f->ld, f->g.node[1]), -1);
	fake_memory.left = SIZE_MAX;
	scope_free(&f->ld, &f->g.node[0]->state->scope);
}

/* ---- The global scope ---- */

/* The program, those that come next, all others but the vDSO. */
static size_t expected_global(const struct graph *g, size_t out[GRAPH_MOST])
{
	size_t n = 0;

	out[n++] = 0;
	for (int early = 1; early >= 0; early--)
		for (size_t i = 1; i < g->count; i++) {
			const struct dso *d = g->node[i];

			if ((d->preloaded || d->flags_1 & DF_1_INTERPOSE) == early &&
				d->kind != DSO_VDSO)
				out[n++] = i;
		}
	return n;
}

static void of_a_start(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = again(state);
		size_t want[GRAPH_MOST];

		graph_make(&f->ld, &f->g, 2 + any(GRAPH_MOST - 1), 0, false);
		f->ld.program = f->g.node[0];
		f->g.node[f->g.count - 1]->kind = DSO_VDSO;
		for (size_t i = 1; i + 1 < f->g.count; i++) {
			f->g.node[i]->preloaded = any(6) == 0;
			f->g.node[i]->flags_1 = any(6) == 0 ? DF_1_INTERPOSE : DF_1_NOW;
		}
		assert_int_equal(scope_make_global(&f->ld), 0);
		assert_scope(f, &f->ld.base.global, want, expected_global(&f->g, want));
	}
}

/* A list that objects join at the end, once, and leave from anywhere. */
static void joined_and_left(void **state)
{
	struct fixture *f = *state;
	size_t want[GRAPH_MOST], n = 0;

	graph_make(&f->ld, &f->g, GRAPH_MOST, 0, false);
	for (int step = 0; step < 3000; step++) {
		size_t i = any(GRAPH_MOST), at = 0;

		while (at < n && want[at] != i)
			at++;
		if (any(2)) {
			assert_int_equal(scope_join_global(&f->ld, &f->ld.base, f->g.node[i]), 0);
			if (at == n)
				want[n++] = i;
		} else {
			scope_leave_global(f->g.node[i]);
			if (at < n)
				memmove(&want[at], &want[at + 1], (--n - at) * sizeof *want);
		}
		assert_scope(f, &f->ld.base.global, want, n);
	}
}

/* What was computed of an object behind the one that left is of another one now. */
static void filters_go_with_objects(void **state)
{
	struct fixture *f = *state;
	struct scope *s = &f->ld.base.global;

	graph_make(&f->ld, &f->g, 10, 0, false);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(scope_join_global(&f->ld, &f->ld.base, f->g.node[i]), 0);
	s->filtered = 10;
	scope_leave_global(f->g.node[4]);
	assert_int_equal(s->filtered, 4);
	scope_cut(s, 7);
	assert_int_equal(s->filtered, 4);
	scope_cut(s, 2);
	assert_int_equal(s->count, 2);
	assert_int_equal(s->filtered, 2);
}

/* The loader itself is in the global scope of every namespace. */
static void the_loader_joins_each(void **state)
{
	struct fixture *f = *state;
	struct namespace other = {.id = 1};
	struct dso *self = sample_object(&f->ld, "/myld.so");

	self->kind = DSO_SELF;
	for (int twice = 0; twice < 2; twice++) {
		assert_int_equal(scope_join_global(&f->ld, &f->ld.base, self), 0);
		assert_int_equal(scope_join_global(&f->ld, &other, self), 0);
	}
	assert_int_equal(f->ld.base.global.count, 1);
	assert_int_equal(other.global.count, 1);
	scope_free(&f->ld, &other.global);
}

static void without_memory(void **state)
{
	struct fixture *f = *state;

	graph_make(&f->ld, &f->g, 2, 1, false);
	assert_int_equal(scope_join_global(&f->ld, &f->ld.base, f->g.node[0]), 0);
	f->ld.base.global.room = f->ld.base.global.count;
	fake_memory.left = 0;
	assert_int_equal(scope_join_global(&f->ld, &f->ld.base, f->g.node[1]), -1);
	assert_false(f->g.node[1]->state->global);
	fake_assert_message(&f->ld, "/lib.so: no memory for the global scope");
}

/* ---- The load order ---- */

static void assert_order(const struct fixture *f, const bool *gone)
{
	struct dso *d = f->ld.first, *prev = NULL;

	for (size_t i = 0; i < f->g.count; i++) {
		assert_int_equal(f->g.node[i]->state->listed, !gone[i]);
		if (gone[i])
			continue;
		assert_ptr_equal(d, f->g.node[i]);
		assert_ptr_equal(d->state->prev, prev);
		prev = d;
		d = dso_next(d);
	}
	assert_null(d);
	assert_ptr_equal(f->ld.last, prev);
}

static void objects_that_go(void **state)
{
	struct fixture *f = *state;
	bool gone[GRAPH_MOST] = {false};

	graph_make(&f->ld, &f->g, GRAPH_MOST, 0, false);
	assert_null(load_order_opened(&f->ld));
	f->ld.startup_last = f->g.node[0];
	assert_ptr_equal(load_order_opened(&f->ld), f->g.node[1]);
	assert_order(f, gone);
	for (size_t left = GRAPH_MOST; left;) {
		size_t i = any(GRAPH_MOST);
		struct dso *next = dso_next(f->g.node[i]);

		if (gone[i])
			continue;
		load_order_remove(&f->ld, f->g.node[i]);
		gone[i] = true;
		assert_ptr_equal(dso_next(f->g.node[i]), next); /* for who stands on it */
		assert_order(f, gone);
		assert_int_equal(f->ld.adds - f->ld.subs, --left);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(breadth_first),
		TEST(what_is_preloaded_comes_second),
		TEST(made_once),
		TEST(of_a_start),
		TEST(joined_and_left),
		TEST(filters_go_with_objects),
		TEST(the_loader_joins_each),
		TEST(without_memory),
		TEST(objects_that_go),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
