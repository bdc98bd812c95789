/* sequence.c: whose constructors run before whose, and destructors after, on random graphs.
 *
 * Every object has a constructor and a destructor that write down whose they are.  Both orders are
 * tried: from the object that is opened, and from the last one loaded.
 */
#include "init/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h"
#include "lib/graph.h"
#include "object/scope.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { ROUNDS = 200 };

static struct libc_abi abi;

struct fixture {
	struct loader ld;
	struct graph g;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_loader_init(&f->ld);
	abi = (struct libc_abi){.name = "init", .dt_init = true};
	f->ld.abi = &abi;
	loader_lock(&f->ld);
	*state = f;
	return 0;
}

/* No object may be left in the list of destructors. */
static int tear_down(void **state)
{
	struct fixture *f = *state;

	init_fini_all(&f->ld);
	fake_loader_free(&f->ld);
	free(f);
	return 0;
}

static struct fixture *again(void **state)
{
	bool from_last = abi.init_from_last;

	tear_down(state);
	set_up(state);
	abi.init_from_last = from_last;
	return *state;
}

/* ---- Functions that tell ---- */

/* A constructor gets no word of whose it is: one function for each. */
static struct log {
	size_t list[4 * GRAPH_MOST], count;
} made, unmade;

static void note(struct log *log, size_t i)
{
	assert_true(log->count < 4 * GRAPH_MOST);
	log->list[log->count++] = i;
}

#define EACH(X)                                                                                    \
	X(0)                                                                                       \
	X(1)                                                                                       \
	X(2)                                                                                       \
	X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18)   \
		X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)      \
			X(32) X(33) X(34) X(35) X(36) X(37) X(38) X(39)
#define FUNCTIONS(i)                                                                               \
	static void make_##i(int argc, char **argv, char **envp)                                   \
	{                                                                                          \
		(void)argc, (void)argv, (void)envp;                                                \
		note(&made, i);                                                                    \
	}                                                                                          \
	static void unmake_##i(void)                                                               \
	{                                                                                          \
		note(&unmade, i);                                                                  \
	}
#define MAKER(i)   (uintptr_t) make_##i,
#define UNMAKER(i) (uintptr_t) unmake_##i,

EACH(FUNCTIONS)
static uintptr_t makers[] = {EACH(MAKER)}, unmakers[] = {EACH(UNMAKER)};

/* Some have their functions in the arrays, others by DT_INIT and DT_FINI. */
static void make_graph(struct fixture *f, size_t n, size_t needs, bool cycles)
{
	graph_make(&f->ld, &f->g, n, needs, cycles);
	made.count = unmade.count = 0;
	for (size_t i = 0; i < n; i++) {
		struct dso *d = f->g.node[i];

		if (any(2)) {
			d->init_array = (struct table){(uintptr_t)&makers[i], sizeof makers[i]};
			d->fini_array = (struct table){(uintptr_t)&unmakers[i], sizeof unmakers[i]};
		} else {
			d->init = makers[i];
			d->fini = unmakers[i];
		}
		assert_int_equal(scope_make(&f->ld, d), 0);
	}
}

/* ---- What must hold ---- */

static size_t place_of(const struct log *log, size_t i)
{
	size_t at = 0;

	while (at < log->count && log->list[at] != i)
		at++;
	return at;
}

/* Each that can be reached from the root has run, once; no other has. */
static void assert_reached(const struct fixture *f, size_t root)
{
	size_t want[GRAPH_MOST], n = graph_breadth_first(&f->g, root, NULL, 0, want);

	assert_int_equal(made.count, n);
	for (size_t i = 0; i < n; i++)
		assert_true(place_of(&made, want[i]) < made.count);
}

/* A dependency comes first unless there is a way back: then somebody had to begin. */
static void assert_needs_first(const struct fixture *f)
{
	for (size_t a = 0; a < f->g.count; a++)
		for (size_t b = 0; b < f->g.count; b++)
			if (f->g.edge[a][b] && place_of(&made, a) < made.count &&
				!graph_leads(&f->g, b, a))
				assert_true(place_of(&made, b) < place_of(&made, a));
}

static void assert_reverse(void)
{
	assert_int_equal(unmade.count, made.count);
	for (size_t i = 0; i < made.count; i++)
		assert_int_equal(unmade.list[i], made.list[made.count - 1 - i]);
}

/* ---- The model of each order ---- */

/* Depth-first: an object after all that it needs, in their order. */
static void deep(const struct graph *g, size_t i, bool *seen, struct log *out)
{
	if (seen[i])
		return;
	seen[i] = true;
	for (size_t k = 0; k < g->node[i]->ndeps; k++)
		deep(g, graph_index(g, g->node[i]->deps[k]), seen, out);
	note(out, i);
}

static void assert_order(const struct fixture *f, size_t root)
{
	bool seen[GRAPH_MOST] = {false};
	struct log want = {.count = 0};
	size_t scope[GRAPH_MOST], n = graph_breadth_first(&f->g, root, NULL, 0, scope);

	seen[root] = abi.init_from_last; /* it comes at the end */
	while (abi.init_from_last && --n)
		deep(&f->g, scope[n], seen, &want);
	seen[root] = false;
	deep(&f->g, root, seen, &want);
	assert_int_equal(made.count, want.count);
	assert_memory_equal(made.list, want.list, want.count * sizeof *want.list);
}

/* The same, along what is remembered: of the opened object the order of the constructors, backwards;
 * of what came with it what it needs; nothing of the others. */
static void deep_again(const struct fixture *f, size_t root, size_t i, bool *seen, struct log *out)
{
	if (seen[i])
		return;
	seen[i] = true;
	if (i == root)
		for (size_t k = made.count; k-- > 0;)
			deep_again(f, root, made.list[k], seen, out);
	else if (place_of(&made, i) < made.count)
		for (size_t k = 0; k < f->g.node[i]->ndeps; k++)
			deep_again(f, root, graph_index(&f->g, f->g.node[i]->deps[k]), seen, out);
	note(out, i);
}

/* The order is taken anew from all that is loaded, from the last one on. */
static void assert_from_last(const struct fixture *f, size_t root)
{
	bool seen[GRAPH_MOST] = {false};
	struct log all = {.count = 0};
	size_t at = 0;

	for (size_t i = f->g.count; i-- > 0;)
		deep_again(f, root, i, seen, &all);
	assert_int_equal(unmade.count, made.count);
	while (all.count--)
		if (place_of(&made, all.list[all.count]) < made.count)
			assert_int_equal(unmade.list[at++], all.list[all.count]);
}

static void any_graph(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = again(state);
		size_t root;

		make_graph(f, 1 + any(GRAPH_MOST), 4, round & 1);
		root = any(f->g.count);
		assert_int_equal(init_run(&f->ld, f->g.node[root]), 0);
		assert_true(f->g.node[root]->state->all_done);
		assert_reached(f, root);
		assert_needs_first(f);
		assert_order(f, root);
		assert_int_equal(init_run(&f->ld, f->g.node[root]), 0); /* nobody twice */
		assert_reached(f, root);
		loader_unlock(&f->ld);
		init_fini_all(&f->ld);
		if (abi.init_from_last)
			assert_from_last(f, root);
		else
			assert_reverse();
	}
}

static void from_the_opened_one(void **state)
{
	any_graph(state);
}

static void from_the_last_one(void **state)
{
	abi.init_from_last = true;
	any_graph(state);
}

/* Without cycles every order has a destructor before those of what its object needs. */
static void destructors_of_needs_come_later(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = again(state);

		abi.init_from_last = round & 1;
		f->ld.version_rules.by_moving = round & 2;
		make_graph(f, 1 + any(GRAPH_MOST), 4, false);
		for (size_t i = f->g.count; i-- > 0;)
			assert_int_equal(init_run(&f->ld, f->g.node[i]), 0);
		assert_int_equal(made.count, f->g.count);
		assert_needs_first(f);
		loader_unlock(&f->ld);
		init_fini_all(&f->ld);
		for (size_t a = 0; a < f->g.count; a++)
			for (size_t b = 0; b < f->g.count; b++)
				if (f->g.edge[a][b])
					assert_true(place_of(&unmade, a) < place_of(&unmade, b));
	}
}

/* dlclose: those alone that it has found unused; the others keep theirs for the end. */
static void of_what_is_closed(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = again(state);
		size_t closed = 0;

		abi.init_from_last = round & 1;
		f->ld.version_rules =
			(struct version_rules){.by_moving = round & 2, .closed_first = round & 4};
		make_graph(f, 2 + any(GRAPH_MOST - 1), 3, true);
		f->ld.startup_last = f->g.node[0];
		for (size_t i = 0; i < f->g.count; i++)
			assert_int_equal(init_run(&f->ld, f->g.node[i]), 0);
		for (size_t i = 1; i < f->g.count; i++)
			closed += f->g.node[i]->state->collected = any(2);
		init_fini_closing(&f->ld, f->g.node[1 + any(f->g.count - 1)]);
		assert_int_equal(unmade.count, closed);
		for (size_t i = 0; i < closed; i++)
			assert_true(f->g.node[unmade.list[i]]->state->collected);
		for (size_t i = 1; i < f->g.count; i++)
			f->g.node[i]->state->closing = f->g.node[i]->state->collected;
		loader_unlock(&f->ld);
		init_fini_all(&f->ld);
		assert_int_equal(unmade.count, f->g.count);
	}
}

/* ---- Relocation dependencies ---- */

static void bind_to(struct fixture *f, size_t from, size_t to)
{
	static struct dso *list[GRAPH_MOST];

	list[from] = f->g.node[to];
	f->g.node[from]->state->bound = &list[from];
	f->g.node[from]->state->nbound = 1;
}

/* They count where DT_NEEDED says nothing; where it says the opposite they do not. */
static void bound_ones_come_later(void **state)
{
	for (int round = 0; round < 8; round++) {
		struct fixture *f = again(state);
		bool contradict = round & 1, last = round & 4;

		abi.init_from_last = true;
		f->ld.version_rules.by_moving = round & 2;
		make_graph(f, 3, 0, false);
		f->g.node[0]->deps = f->g.node + 1;
		f->g.node[0]->ndeps = 1;
		f->g.node[0]->state->scope.count = 0;
		assert_int_equal(scope_make(&f->ld, f->g.node[0]), 0);
		assert_int_equal(init_run(&f->ld, f->g.node[0]), 0);
		assert_int_equal(init_run(&f->ld, f->g.node[2]), 0);
		if (contradict)
			bind_to(f, 1, 0);
		else
			bind_to(f, last ? 2 : 1, last ? 1 : 2);
		loader_unlock(&f->ld);
		init_fini_all(&f->ld);
		assert_true(place_of(&unmade, 0) < place_of(&unmade, 1));
		if (!contradict)
			assert_int_equal(place_of(&unmade, 2) < place_of(&unmade, 1), last);
		f->g.node[1]->state->nbound = f->g.node[2]->state->nbound = 0;
	}
}

/* exit() in a constructor. */
static void unfinished(void **state)
{
	for (int round = 0; round < 2; round++) {
		struct fixture *f = again(state);

		abi.fini_unfinished = round;
		make_graph(f, 1, 0, false);
		init_adopt(&f->ld, f->g.node[0]);
		f->g.node[0]->state->init_state = INIT_RUNNING;
		loader_unlock(&f->ld);
		init_fini_all(&f->ld);
		assert_int_equal(unmade.count, round);
	}
}

/* ---- Examples ---- */

/* Its own start code runs its constructors; the destructors are the loader's. */
static void adopted(void **state)
{
	struct fixture *f = *state;

	make_graph(f, 1, 0, false);
	init_adopt(&f->ld, f->g.node[0]);
	assert_int_equal(init_run(&f->ld, f->g.node[0]), 0);
	assert_int_equal(made.count, 0);
	loader_unlock(&f->ld);
	init_fini_all(&f->ld);
	assert_int_equal(unmade.count, 1);
}

/* The last one that asks for it comes before all others, with nothing that it needs. */
static void initfirst(void **state)
{
	struct fixture *f = *state;

	abi.init_from_last = true;
	make_graph(f, 6, 0, false);
	f->g.node[0]->deps = f->g.node + 1;
	f->g.node[0]->ndeps = 5;
	f->g.node[5]->deps = f->g.node + 1; /* whose turn comes early without that */
	f->g.node[5]->ndeps = 1;
	f->g.node[0]->state->scope.count = 0;
	assert_int_equal(scope_make(&f->ld, f->g.node[0]), 0);
	f->g.node[1]->flags_1 = f->g.node[3]->flags_1 = DF_1_INITFIRST;
	assert_int_equal(init_run(&f->ld, f->g.node[0]), 0);
	assert_int_equal(made.list[0], 3);
	assert_int_equal(made.list[1], 1);
	assert_int_equal(made.count, 6);
}

static void no_dt_init(void **state)
{
	struct fixture *f = *state;

	abi.dt_init = false;
	make_graph(f, 1, 0, false);
	f->g.node[0]->init_array = f->g.node[0]->fini_array = (struct table){0};
	f->g.node[0]->init = makers[0];
	f->g.node[0]->fini = unmakers[0];
	assert_int_equal(init_run(&f->ld, f->g.node[0]), 0);
	loader_unlock(&f->ld);
	init_fini_all(&f->ld);
	assert_int_equal(made.count + unmade.count, 0);
}

/* 0 and -1 are the ends of old tables. */
static void arrays_in_order(void **state)
{
	struct fixture *f = *state;
	uintptr_t in[] = {makers[4], 0, makers[2], UINTPTR_MAX, makers[7]};
	uintptr_t out[] = {unmakers[4], UINTPTR_MAX, unmakers[2], 0, unmakers[7]};
	static const size_t want[] = {4, 2, 7};

	make_graph(f, 1, 0, false);
	f->g.node[0]->init = f->g.node[0]->fini = 0;
	f->g.node[0]->init_array = (struct table){(uintptr_t)in, sizeof in};
	f->g.node[0]->fini_array = (struct table){(uintptr_t)out, sizeof out};
	assert_int_equal(init_run(&f->ld, f->g.node[0]), 0);
	assert_int_equal(made.count, 3);
	assert_memory_equal(made.list, want, sizeof want);
	loader_unlock(&f->ld);
	init_fini_all(&f->ld);
	assert_reverse();
}

/* ---- What is no code ---- */

static void arrays_are_checked(void **state)
{
	struct fixture *f = *state;
	struct vm_what what = {.kind = VM_FILE, .prot = VM_R | VM_X, .flags = VM_FOREIGN};
	uintptr_t list[] = {0x10010, 0, UINTPTR_MAX, 0x10ff0};
	struct dso *d = sample_object(&f->ld, "/lib.so");
	struct table *arrays[] = {&d->preinit_array, &d->init_array, &d->fini_array};

	d->relocated = true;
	assert_int_equal(vm_adopt(&f->ld.vm, 0x10000, 0x11000, &what), 0);
	what.prot = VM_R | VM_W;
	assert_int_equal(vm_adopt(&f->ld.vm, 0x11000, 0x12000, &what), 0);
	for (size_t i = 0; i < 3; i++) {
		*arrays[i] = (struct table){(uintptr_t)list, sizeof list};
		list[3] = 0x10ff0;
		assert_int_equal(init_check(&f->ld, d), 0);
		list[3] = 0x11000;
		assert_int_equal(init_check(&f->ld, d), -1);
		fake_assert_says(&f->ld, "_ARRAY[3]: 0x11000: not in executable memory");
		list[3] = 0x20000;
		assert_int_equal(init_check(&f->ld, d), -1);
		fake_assert_says(&f->ld, "_ARRAY[3]: 0x20000: not in executable memory");
		*arrays[i] = (struct table){0};
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(from_the_opened_one),
		TEST(from_the_last_one),
		TEST(destructors_of_needs_come_later),
		TEST(of_what_is_closed),
		TEST(bound_ones_come_later),
		TEST(unfinished),
		TEST(adopted),
		TEST(initfirst),
		TEST(no_dt_init),
		TEST(arrays_in_order),
		TEST(arrays_are_checked),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
