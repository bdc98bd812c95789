/* match.c: which symbol of an object a name and a version mean, beside a plain reading of the rules.
 *
 * Random tables of a few names, so that one name has several symbols: of every binding and type,
 * defined and not, in versions that are hidden, default, base or none.  Each is asked by both hash
 * tables.  Then the tables are damaged.
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

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { MOST = 24, NAMES = 5 };

static const char *const names[NAMES] = {"a", "bb", "ccc", "a@", "absent"};
static const char *const versions[] = {"V2", "V3", "", "V5", NULL};

static const struct libc_abi with_versions = {.name = "versions", .match_versions = true};

struct fixture {
	struct loader ld;
	struct sample list[MOST];
	size_t count;
	bool versioned;
	bool *hidden; /* of the last object, by symbol; NULL: none */
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	srand(1);
	fake_loader_init(&f->ld);
	f->ld.abi = &with_versions;
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

/* ---- Tables ---- */

static const unsigned char binds[] = {
	STB_GLOBAL, STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE, STB_LOCAL, 5};
static const unsigned char types[] = {STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_FUNC, STT_COMMON,
	STT_TLS, STT_GNU_IFUNC, STT_SECTION, STT_FILE, 11};
static const uint16_t sections[] = {5, 5, 5, 5, SHN_ABS, SHN_UNDEF};

/* The value tells which one it is. */
static void make_list(struct fixture *f, size_t n)
{
	f->count = n;
	f->versioned = any(5) > 0;
	for (size_t i = 0; i < n; i++)
		f->list[i] = (struct sample){.name = names[any(NAMES - 1)],
			.bind = binds[any(sizeof binds)],
			.type = types[any(sizeof types)],
			.visibility = (unsigned char)any(4),
			.section = sections[any(COUNT(sections))],
			.versym = (uint16_t)(any(8) | (any(3) ? 0 : VERSYM_HIDDEN)),
			.value = any(8) ? i + 1 : 0,
			.size = i + 1};
}

/* By their size, which tells which sample a symbol is. */
static void hide_some(struct fixture *f, struct dso *d)
{
	size_t n = symbol_count(d);
	bool *hidden = heap_alloc(&f->ld.heap, n + 1, 0, 0);

	for (size_t i = 0; i < n; i++)
		hidden[i] = d->symtab.sym[i].st_size % 3 == 1;
	d->symtab.hidden = f->hidden = hidden;
}

static bool is_kept_away(const struct fixture *f, const struct sample *s)
{
	return f->hidden && s->size % 3 == 1;
}

static struct dso *make_object(struct fixture *f, unsigned hashes)
{
	struct dso *d = sample_object(&f->ld, "/lib.so");

	sample_symbols(&f->ld, d, f->list, f->count, hashes, f->versioned);
	sample_versions(&f->ld, d, versions);
	f->hidden = NULL;
	if (any(4) == 0)
		hide_some(f, d);
	return d;
}

/* ---- The rules ---- */

/* gABI, "Symbol Table"; psABI 5.2 for the address of an undefined function. */
static bool can_be_bound_to(const struct sample *s, const struct wanted *w)
{
	bool local = s->bind == STB_LOCAL || s->bind == 5;
	bool named = s->type == STT_SECTION || s->type == STT_FILE || s->type == 11;

	if (local || named)
		return false;
	if (s->section == SHN_UNDEF)
		return s->value != 0 && s->type != STT_TLS && !w->function;
	return s->value != 0 || s->section == SHN_ABS || s->type == STT_TLS;
}

static const struct version *version_of(const struct dso *d, const struct sample *s)
{
	unsigned index = s->versym & VERSYM_INDEX;

	return index < d->symtab.nversions && d->symtab.versions[index].name
		       ? &d->symtab.versions[index]
		       : NULL;
}

/* The symbol's version is the one asked for; an unversioned one stands for the default. */
static bool has_version(const struct dso *d, const struct sample *s, const struct version *wanted)
{
	const struct version *own = version_of(d, s);

	if (own)
		return !strcmp(own->name, wanted->name);
	return !(s->versym & VERSYM_HIDDEN) && !wanted->hidden;
}

static bool is_hidden(const struct sample *s)
{
	return s->versym & VERSYM_HIDDEN;
}

/* Whether a symbol is right whatever others there are. */
static bool fits(const struct fixture *f, const struct dso *d, const struct sample *s,
	const struct wanted *w)
{
	if (is_kept_away(f, s))
		return false;
	if (!f->versioned)
		return true;
	if (!f->ld.abi->match_versions)
		return !is_hidden(s);
	if (w->version)
		return has_version(d, s, w->version);
	return (s->versym & VERSYM_INDEX) < (w->newest ? 2 : 3);
}

/* Whether it is right if it is the only one like that. */
static bool may_fit(const struct fixture *f, const struct dso *d, const struct sample *s,
	const struct wanted *w)
{
	return f->versioned && f->ld.abi->match_versions && !w->version && !is_hidden(s) &&
	       !is_kept_away(f, s) && !fits(f, d, s, w);
}

/* Any of those that fit may be found; without one, the only one that may. */
static void assert_right(
	const struct fixture *f, struct dso *d, struct wanted w, bool undefined_are_hashed)
{
	const struct sample *only = NULL;
	size_t right = 0, maybe = 0;
	struct def def = {0};
	bool found, is_right = false;

	found = symbol_in((struct loader *)&f->ld, d, &w, &def);
	assert_true(!found || def.dso == d);
	for (const struct sample *s = f->list; s < f->list + f->count; s++) {
		if (strcmp(s->name, w.name) || !can_be_bound_to(s, &w) ||
			(s->section == SHN_UNDEF && !undefined_are_hashed))
			continue;
		if (fits(f, d, s, &w)) {
			right++;
			is_right |= found && def.sym->st_size == s->size;
		} else if (may_fit(f, d, s, &w)) {
			maybe++;
			only = s;
		}
	}
	if (right) {
		assert_true(is_right);
	} else {
		assert_int_equal(found, maybe == 1);
		assert_true(!found || def.sym->st_size == only->size);
	}
}

static void ask(const struct fixture *f, struct dso *d, bool undefined_are_hashed)
{
	for (size_t i = 0; i < NAMES; i++)
		for (size_t v = 0; v < COUNT(versions) + 1; v++)
			for (unsigned way = 0; way < 8; way++) {
				const char *name = v ? versions[v - 1] : "V9";
				struct version version = {.name = name, .hidden = way & 1};
				struct wanted w;

				if (name)
					version.hash = hash_sysv(name);
				w = symbol_wanted(names[i], name && *name ? &version : NULL);
				w.function = way & 2;
				w.newest = way & 4;
				assert_right(f, d, w, undefined_are_hashed);
			}
}

static void by_the_rules(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < 300; round++) {
		make_list(f, any(MOST));
		ask(f, make_object(f, HASH_GNU), false);
		ask(f, make_object(f, HASH_SYSV), true);
		ask(f, make_object(f, HASH_GNU | HASH_SYSV), false);
		tear_down(state);
		*state = f = calloc(1, sizeof *f);
		fake_loader_init(&f->ld);
		f->ld.abi = round % 4 ? &with_versions : &fake_abi;
	}
}

/* ---- Examples ---- */

static size_t found_size(struct fixture *f, struct dso *d, struct wanted w)
{
	struct def def = {0};

	return symbol_in(&f->ld, d, &w, &def) ? def.sym->st_size : 0;
}

static struct dso *make_versions(struct fixture *f)
{
	const struct sample list[] = {
		{"f", STB_GLOBAL, STT_FUNC, 0, 5, VERSYM_HIDDEN | 2, 1, 20},
		{"f", STB_GLOBAL, STT_FUNC, 0, 5, 3, 1, 30},
		{"g", STB_GLOBAL, STT_FUNC, 0, 5, VERSYM_HIDDEN | 3, 1, 31},
		{"g", STB_GLOBAL, STT_FUNC, 0, 5, 5, 1, 50},
		{"h", STB_GLOBAL, STT_FUNC, 0, 5, VERSYM_HIDDEN | 3, 1, 32},
	};

	struct dso *d = sample_object(&f->ld, "/lib.so");

	sample_symbols(&f->ld, d, list, COUNT(list), HASH_GNU, true);
	sample_versions(&f->ld, d, versions);
	return d;
}

/* A relocation from before there were versions means the first one, dlsym the default. */
static void oldest_and_newest(void **state)
{
	struct fixture *f = *state;
	struct dso *d = make_versions(f);
	struct wanted w = symbol_wanted("f", NULL);

	assert_int_equal(found_size(f, d, w), 20);
	w.newest = true;
	assert_int_equal(found_size(f, d, w), 30);
	assert_int_equal(found_size(f, d, symbol_wanted("g", NULL)), 50);
	assert_int_equal(found_size(f, d, symbol_wanted("h", NULL)), 0);
}

static void a_version_by_name(void **state)
{
	struct fixture *f = *state;
	struct dso *d = make_versions(f);
	struct version v2 = {.name = "V2", .hash = hash_sysv("V2")};
	struct version v3 = {.name = "V3", .hash = hash_sysv("V3")};
	struct version v4 = {.name = "V4", .hash = hash_sysv("V4")};

	assert_int_equal(found_size(f, d, symbol_wanted("f", &v2)), 20);
	assert_int_equal(found_size(f, d, symbol_wanted("f", &v3)), 30);
	assert_int_equal(found_size(f, d, symbol_wanted("f", &v4)), 0);
	assert_int_equal(found_size(f, d, symbol_wanted("h", &v3)), 32);
	f->ld.abi = &fake_abi; /* musl: hidden ones are not there, others are all the same */
	assert_int_equal(found_size(f, d, symbol_wanted("f", &v2)), 30);
	assert_int_equal(found_size(f, d, symbol_wanted("h", &v3)), 0);
}

/* ---- Damage ---- */

static void a_bucket_that_leads_outside(void **state)
{
	struct fixture *f = *state;
	struct dso *d = make_versions(f);
	struct symtab *s = &d->symtab;
	uint32_t *buckets = (uint32_t *)s->buckets;

	for (uint32_t b = 0; b < s->nbuckets; b++)
		buckets[b] = (uint32_t)s->chain_limit;
	assert_int_equal(found_size(f, d, symbol_wanted("f", NULL)), 0);
	fake_assert_says(&f->ld, "leads to symbol index 6, expected less than 6");
	assert_int_equal(symbol_count(d), s->chain_limit);
}

static void a_chain_without_an_end(void **state)
{
	struct fixture *f = *state;
	struct dso *d = make_versions(f);
	struct symtab *s = &d->symtab;
	uint32_t *chain = (uint32_t *)s->chain, size;
	uint32_t other = hash_gnu("f", &size) & ~1u;

	for (size_t i = 0; i < s->chain_limit - s->symoffset; i++)
		chain[i] = other ^ 8;
	assert_int_equal(found_size(f, d, symbol_wanted("f", NULL)), 0);
	fake_assert_says(&f->ld, "DT_GNU_HASH: bucket");
}

static void a_chain_in_a_circle(void **state)
{
	struct fixture *f = *state;
	const struct sample list[] = {{"a", STB_LOCAL, STT_FUNC, 0, 5, 0, 1, 1},
		{"a", STB_LOCAL, STT_FUNC, 0, 5, 0, 1, 2}};
	struct dso *d = sample_object(&f->ld, "/lib.so");

	sample_symbols(&f->ld, d, list, COUNT(list), HASH_SYSV, false);
	((uint32_t *)d->symtab.sysv_chain)[1] = 2;
	assert_int_equal(found_size(f, d, symbol_wanted("a", NULL)), 0);
	fake_assert_says(&f->ld, "is circular");
	((uint32_t *)d->symtab.sysv_chain)[1] = 3;
	assert_int_equal(found_size(f, d, symbol_wanted("a", NULL)), 0);
	fake_assert_says(&f->ld, "leads to symbol index 3, expected less than 3");
}

/* Whatever is found is in the table and has the name. */
static void assert_sound(struct fixture *f, struct dso *d)
{
	const struct symtab *s = &d->symtab;

	for (size_t i = 0; i < NAMES; i++) {
		struct wanted w = symbol_wanted(names[i], NULL);
		struct def def = {0};

		if (!symbol_in(&f->ld, d, &w, &def))
			continue;
		assert_true(def.sym > s->sym && def.sym < s->sym + s->limit);
		assert_string_equal(s->str + def.sym->st_name, names[i]);
	}
	assert_true(symbol_count(d) <= s->limit);
	diag_clear(&f->ld.diag);
}

static void damage(uint32_t *words, size_t n)
{
	static const uint32_t bad[] = {0, 1, 2, 7, 0x7fffffff, 0x80000000, 0xffffffff};

	if (n)
		words[any(n)] = any(3) ? bad[any(COUNT(bad))] : (uint32_t)any(2 * MOST);
}

static void damaged_tables(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < 300; round++) {
		struct dso *d;
		struct symtab *s;

		make_list(f, any(MOST));
		d = make_object(f, round % 2 ? HASH_GNU : HASH_SYSV);
		s = &d->symtab;
		for (int hit = 0; hit < 10; hit++) {
			damage((uint32_t *)s->buckets, s->nbuckets);
			damage((uint32_t *)s->chain, s->chain_limit - s->symoffset);
			damage((uint32_t *)s->sysv_buckets, s->sysv_nbuckets);
			damage((uint32_t *)s->sysv_chain, s->sysv_nchain);
			((Elf_Sym *)s->sym)[any(s->limit)].st_name = (uint32_t)any(2 * s->str_size);
			assert_sound(f, d);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(by_the_rules),
		TEST(oldest_and_newest),
		TEST(a_version_by_name),
		TEST(a_bucket_that_leads_outside),
		TEST(a_chain_without_an_end),
		TEST(a_chain_in_a_circle),
		TEST(damaged_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
