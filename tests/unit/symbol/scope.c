/* scope.c: a symbol in a scope by all three ways, beside a walk over the objects; and whose scopes a
 * relocation sees.
 *
 * Random scopes: objects with either hash table, both or none; a few names that most of them define,
 * strongly and weakly, in versions.  The scope hash, the Bloom filters side by side and the walk must
 * all come to the definition that asking one object after the other comes to.
 */
#include "symbol/symbol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "lib/fake_loader.h"
#include "lib/symbols.h"
#include "symbol/scope_hash.h"
#include "symbol/unique.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { OBJECTS = 24, MOST = 12, NAMES = 8, ROUNDS = 150 };

static const char *const names[NAMES] = {"a", "b", "c", "dd", "ee", "ff", "ggg", "absent"};
static const char *const versions[] = {"V2", "V3", "V4", NULL};

static struct libc_abi abi;

struct fixture {
	struct loader ld;
	struct dso *list[OBJECTS];
	struct scope scope;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_loader_init(&f->ld);
	abi = (struct libc_abi){.name = "scope", .match_versions = true};
	f->ld.abi = &abi;
	f->scope.list = f->list;
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

static void make_object(struct fixture *f, size_t i, unsigned hashes)
{
	struct sample list[MOST];
	size_t n = any(MOST);

	for (size_t k = 0; k < n; k++)
		list[k] = (struct sample){.name = names[any(NAMES - 1)],
			.bind = any(3) ? STB_GLOBAL : STB_WEAK,
			.type = STT_FUNC,
			.section = any(5) ? 5 : SHN_UNDEF,
			.versym = (uint16_t)((1 + any(4)) | (any(4) ? 0 : VERSYM_HIDDEN)),
			.value = 1 + any(100)};
	f->list[i] = sample_object(&f->ld, "/lib.so");
	sample_symbols(&f->ld, f->list[i], list, n, hashes, any(2));
	sample_versions(&f->ld, f->list[i], versions);
}

static void make_scope(struct fixture *f, size_t n, bool gnu_alone)
{
	for (size_t i = 0; i < n; i++)
		make_object(f, i, gnu_alone ? HASH_GNU : (unsigned)any(4));
	f->scope.count = f->scope.room = n;
}

/* What the name means, object by object. */
static struct def expected(struct fixture *f, size_t from, struct wanted w)
{
	struct def weak = {0}, def;

	for (size_t i = from; i < f->scope.count; i++) {
		if (f->list[i] == w.skip || !symbol_in(&f->ld, f->list[i], &w, &def))
			continue;
		if (!f->ld.config.dynamic_weak || ELF_ST_BIND(def.sym->st_info) == STB_GLOBAL)
			return def;
		if (!weak.sym)
			weak = def;
	}
	return weak;
}

static void assert_same(bool found, struct def def, struct def want)
{
	assert_int_equal(found, want.sym != NULL);
	if (found) {
		assert_ptr_equal(def.dso, want.dso);
		assert_ptr_equal(def.sym, want.sym);
	}
}

static struct wanted any_wanted(struct fixture *f, const struct version *v)
{
	struct wanted w = symbol_wanted(names[any(NAMES)], any(2) ? v : NULL);

	w.function = any(2);
	w.newest = any(2);
	if (any(4) == 0)
		w.skip = f->list[any(f->scope.count)];
	return w;
}

/* One object's own symbol, as its relocation asks for it. */
static struct wanted any_reference(struct fixture *f, const struct version *v)
{
	const struct dso *d = f->list[any(f->scope.count)];

	if (d->symtab.limit < 2)
		return any_wanted(f, v);
	return symbol_wanted_by(&f->ld, d, (uint32_t)(1 + any(d->symtab.limit - 1)), v);
}

static struct version any_version(void)
{
	const char *name = versions[any(COUNT(versions) - 1)];

	return (struct version){.name = name, .hash = hash_sysv(name), .hidden = any(2)};
}

static void ask(struct fixture *f, bool reference)
{
	struct version v = any_version();
	struct wanted w = reference ? any_reference(f, &v) : any_wanted(f, &v);
	size_t from = any(3) ? 0 : any(f->scope.count);
	struct def want = expected(f, from, w), def = {0};
	bool found = symbol_in_scope(&f->ld, &f->scope, from, &w, &def);

	assert_same(found, def, want);
}

static void again(void **state)
{
	tear_down(state);
	set_up(state);
}

static void one_by_one(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = *state;

		make_scope(f, 1 + any(OBJECTS), false);
		f->ld.config.dynamic_weak = round & 1;
		for (int i = 0; i < 30; i++)
			ask(f, i & 1);
		again(state);
	}
}

/* More often than it takes until the filters are copied. */
static void by_the_filters(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = *state;

		make_scope(f, 8 + any(OBJECTS - 8), false);
		f->ld.startup_last = f->list[0];
		f->ld.config.dynamic_weak = round & 1;
		for (int i = 0; i < 150; i++)
			ask(f, i & 1);
		assert_non_null(f->scope.words);
		again(state);
	}
}

static void by_the_scope_hash(void **state)
{
	struct scope_hash m = {0};
	int made = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = *state;

		make_scope(f, 8 + any(OBJECTS - 8), true);
		if (scope_hash_make(&f->ld, &m, f->list, f->scope.count, 10000)) {
			made++;
			f->ld.scope_hash = &m;
			for (int i = 0; i < 100; i++)
				ask(f, i & 1);
			scope_hash_free(&f->ld, &m);
		}
		again(state);
	}
	assert_true(made > ROUNDS / 2);
}

static bool makes(struct fixture *f, size_t n, size_t lookups)
{
	struct scope_hash m = {0};
	bool made = scope_hash_make(&f->ld, &m, f->list, n, lookups);

	if (made)
		scope_hash_free(&f->ld, &m);
	return made;
}

/* Where it would give another answer, or would not pay. */
static void no_scope_hash(void **state)
{
	struct fixture *f = *state;

	make_scope(f, OBJECTS, true);
	assert_true(makes(f, OBJECTS, 10000));
	assert_false(makes(f, OBJECTS, 0));
	assert_false(makes(f, 7, 10000));
	f->ld.config.dynamic_weak = true;
	assert_false(makes(f, OBJECTS, 10000));
	f->ld.config.dynamic_weak = false;
	f->ld.diag.debug = DEBUG_SYMBOLS;
	assert_false(makes(f, OBJECTS, 10000));
	f->ld.diag.debug = 0;
	make_object(f, 3, HASH_SYSV);
	assert_false(makes(f, OBJECTS, 10000));
}

/* Buckets that share a chain would put a symbol in more than once. */
static void overlapping_chains(void **state)
{
	struct fixture *f = *state;
	struct symtab *s;

	make_scope(f, OBJECTS, true);
	for (size_t i = 0; i < OBJECTS; i++) {
		s = &f->list[i]->symtab;
		for (uint32_t b = 0; b < s->nbuckets; b++)
			((uint32_t *)s->buckets)[b] = s->symoffset;
	}
	assert_false(makes(f, OBJECTS, 10000));
	assert_true(f->ld.vm.count < 2);
}

/* ---- Whose scopes ---- */

static struct dso *add_definition(struct fixture *f, unsigned char bind, const char *name)
{
	struct sample s = {
		.name = name, .bind = bind, .type = STT_OBJECT, .section = 5, .value = 1};
	struct dso *d = sample_object(&f->ld, "/lib.so");

	sample_symbols(&f->ld, d, &s, 1, HASH_GNU, false);
	return d;
}

static struct dso *found_in(struct fixture *f, struct dso *by, const char *name)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	return symbol_find(&f->ld, by, &w, &def) == LOOKUP_FOUND ? def.dso : NULL;
}

static void scopes_in_order(void **state)
{
	struct fixture *f = *state;
	struct dso *global = add_definition(f, STB_GLOBAL, "x"), *own;
	struct dso *by = add_definition(f, STB_GLOBAL, "x"), *root = sample_object(&f->ld, "/root");

	assert_null(found_in(f, by, "x"));
	own = add_definition(f, STB_GLOBAL, "x");
	root->state->scope = (struct scope){.list = &own, .count = 1, .room = 1};
	by->root = root;
	assert_ptr_equal(found_in(f, by, "x"), own);
	f->ld.base.global = (struct scope){.list = &global, .count = 1, .room = 1};
	assert_ptr_equal(found_in(f, by, "x"), global);
	by->deepbind = true;
	assert_ptr_equal(found_in(f, by, "x"), own);
	by->symbolic = true;
	assert_ptr_equal(found_in(f, by, "x"), by);
}

static bool answer(struct loader *ld, const char *name, struct def *def)
{
	if (strcmp(name, "fallback") != 0)
		return false;
	*def = (struct def){ld->first, ld->first->symtab.sym + 1};
	return true;
}

static void the_libc_is_asked_last(void **state)
{
	struct fixture *f = *state;
	struct dso *d = add_definition(f, STB_GLOBAL, "x");

	abi.fallback_symbol = answer;
	assert_null(found_in(f, d, "y"));
	assert_ptr_equal(found_in(f, d, "fallback"), d);
}

static void unique_in_a_process(void **state)
{
	struct fixture *f = *state;
	struct dso *first = add_definition(f, STB_GNU_UNIQUE, "u");
	struct dso *second = add_definition(f, STB_GNU_UNIQUE, "u");

	first->symbolic = second->symbolic = true; /* each finds its own */
	assert_ptr_equal(found_in(f, first, "u"), first);
	assert_ptr_equal(found_in(f, second, "u"), second);
	abi.unique_symbols = true;
	assert_ptr_equal(found_in(f, first, "u"), first);
	assert_ptr_equal(found_in(f, second, "u"), first);
	assert_true(first->state->nodelete);
	unique_forget(&f->ld, first);
	assert_ptr_equal(found_in(f, second, "u"), second);
	assert_ptr_equal(found_in(f, first, "u"), second);
}

/* ---- What a definition comes to ---- */

static void what_is_bound_to_stays(void **state)
{
	struct fixture *f = *state;
	struct dso *d[12], *early = add_definition(f, STB_GLOBAL, "x");

	abi.unloads = true;
	for (size_t i = 0; i < COUNT(d); i++) {
		d[i] = add_definition(f, STB_GLOBAL, "x");
		d[i]->root = d[i];
	}
	for (size_t i = 0; i < 3 * COUNT(d); i++)
		assert_int_equal(
			symbol_add_dependency(&f->ld, d[0], &(struct def){d[i % COUNT(d)], NULL}), 0);
	assert_int_equal(d[0]->state->nbound, COUNT(d) - 1);
	for (size_t i = 1; i < COUNT(d); i++)
		assert_ptr_equal(d[0]->state->bound[i - 1], d[i]);
	assert_int_equal(symbol_add_dependency(&f->ld, d[1], &(struct def){early, NULL}), 0);
	assert_int_equal(d[1]->state->nbound, 0);
	assert_int_equal(symbol_add_dependency(&f->ld, early, &(struct def){d[1], NULL}), 0);
	assert_true(d[1]->state->nodelete);
}

static uintptr_t resolve(void)
{
	return 0x1234;
}

static uintptr_t ours(struct loader *ld, const char *name)
{
	(void)ld;
	return strcmp(name, "dlopen") ? 0 : 0x77;
}

static void addresses(void **state)
{
	struct fixture *f = *state;
	Elf_Sym sym[] = {{.st_name = 1, .st_shndx = 5, .st_value = 0x10},
		{.st_name = 1, .st_shndx = SHN_ABS, .st_value = 0x20},
		{.st_name = 1, .st_shndx = 5, .st_info = STT_GNU_IFUNC}};
	struct dso *d = sample_object(&f->ld, "/lib.so");

	d->symtab.str = "\0dlopen";
	d->base = 0x1000;
	assert_int_equal(symbol_address(&f->ld, &(struct def){d, &sym[0]}), 0x1010);
	assert_int_equal(symbol_address(&f->ld, &(struct def){d, &sym[1]}), 0x20);
	sym[2].st_value = (uintptr_t)resolve - d->base;
	assert_int_equal(symbol_address(&f->ld, &(struct def){d, &sym[2]}), 0x1234);
	abi.override = ours;
	assert_int_equal(symbol_address(&f->ld, &(struct def){d, &sym[0]}), 0x1010);
	f->ld.base.libc = d;
	assert_int_equal(symbol_address(&f->ld, &(struct def){d, &sym[0]}), 0x77);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_by_one),
		TEST(by_the_filters),
		TEST(by_the_scope_hash),
		TEST(no_scope_hash),
		TEST(overlapping_chains),
		TEST(scopes_in_order),
		TEST(the_libc_is_asked_last),
		TEST(unique_in_a_process),
		TEST(what_is_bound_to_stays),
		TEST(addresses),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
