/* symbols.c: see symbols.h. */
#include "lib/symbols.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { MOST = 256, WORD = 8 * sizeof(uintptr_t), BLOOM_WORDS = 2, BLOOM_SHIFT = 5 };

size_t any(size_t n)
{
	return (size_t)rand() % n;
}

/* Without a call: the object room is above some of those that are tested with it. */
struct dso *sample_object(struct loader *ld, const char *path)
{
	struct dso *d = arena_alloc(&ld->permanent, sizeof *d);

	d->state = arena_alloc(&ld->writable, sizeof *d->state);
	d->kind = DSO_LIBRARY;
	d->map = &d->state->own_map;
	d->ns = &ld->base;
	d->owner = (struct vm_owner){path, d};
	d->path = d->name = path;
	d->symtab.str = "";
	d->symtab.str_size = 1;
	d->state->prev = ld->last;
	*(ld->last ? &ld->last->state->next : &ld->first) = d;
	ld->last = d;
	d->state->listed = true;
	ld->adds++;
	return d;
}

/* ---- The order of DT_GNU_HASH ---- */

static uint32_t buckets_for(size_t n)
{
	return (uint32_t)(n / 3 + 1);
}

static uint32_t bucket_of(const struct sample *s, uint32_t nbuckets)
{
	uint32_t size;

	return hash_gnu(s->name, &size) % nbuckets;
}

/* Symbols that are not in it come first, then bucket by bucket.  How many are not. */
static size_t put_in_order(const struct sample **out, const struct sample *list, size_t n)
{
	uint32_t nbuckets = buckets_for(n);
	size_t at = 0, undefined;

	for (size_t i = 0; i < n; i++)
		if (list[i].section == SHN_UNDEF)
			out[at++] = &list[i];
	undefined = at;
	for (uint32_t b = 0; b < nbuckets; b++)
		for (size_t i = 0; i < n; i++)
			if (list[i].section != SHN_UNDEF && bucket_of(&list[i], nbuckets) == b)
				out[at++] = &list[i];
	return undefined;
}

/* ---- The tables ---- */

static void make_strings(
	struct loader *ld, struct symtab *s, const struct sample **order, size_t n, Elf_Sym *sym)
{
	char *str;

	s->str_size = 1;
	for (size_t i = 0; i < n; i++)
		s->str_size += strlen(order[i]->name) + 1;
	str = arena_alloc(&ld->permanent, s->str_size);
	s->str = str++;
	for (size_t i = 0; i < n; i++) {
		sym[i + 1].st_name = (uint32_t)(str - s->str);
		strcpy(str, order[i]->name);
		str += strlen(str) + 1;
	}
}

static Elf_Sym symbol_of(const struct sample *s)
{
	return (Elf_Sym){.st_info = (unsigned char)(s->bind << 4 | s->type),
		.st_other = s->visibility,
		.st_shndx = s->section,
		.st_value = s->value,
		.st_size = s->size};
}

static void make_gnu_hash(struct loader *ld, struct symtab *s, const struct sample **order,
	size_t n, size_t undefined)
{
	uint32_t nbuckets = buckets_for(n), size;
	uintptr_t *bloom = arena_alloc(&ld->permanent, BLOOM_WORDS * sizeof *bloom);
	uint32_t *buckets = arena_alloc(&ld->permanent, nbuckets * sizeof *buckets);
	uint32_t *chain = arena_alloc(&ld->permanent, (n - undefined) * sizeof *chain);

	for (size_t i = undefined; i < n; i++) {
		uint32_t h = hash_gnu(order[i]->name, &size), b = h % nbuckets;
		bool last = i + 1 == n || bucket_of(order[i + 1], nbuckets) != b;

		if (!buckets[b])
			buckets[b] = (uint32_t)i + 1;
		chain[i - undefined] = (h & ~1u) | last;
		bloom[h / WORD % BLOOM_WORDS] |=
			(uintptr_t)1 << h % WORD | (uintptr_t)1 << (h >> BLOOM_SHIFT) % WORD;
	}
	s->nbuckets = nbuckets;
	s->symoffset = (uint32_t)undefined + 1;
	s->bloom_mask = BLOOM_WORDS - 1;
	s->bloom_shift = BLOOM_SHIFT;
	s->bloom = bloom;
	s->buckets = buckets;
	s->chain = chain;
	s->chain_limit = n + 1;
}

/* As linkers do: a bucket's newest symbol is its first. */
static void make_sysv_hash(
	struct loader *ld, struct symtab *s, const struct sample **order, size_t n)
{
	uint32_t nbuckets = buckets_for(n);
	uint32_t *buckets = arena_alloc(&ld->permanent, nbuckets * sizeof *buckets);
	uint32_t *chain = arena_alloc(&ld->permanent, (n + 1) * sizeof *chain);

	for (uint32_t i = 1; i <= n; i++) {
		uint32_t b = hash_sysv(order[i - 1]->name) % nbuckets;

		chain[i] = buckets[b];
		buckets[b] = i;
	}
	s->sysv_nbuckets = nbuckets;
	s->sysv_nchain = (uint32_t)n + 1;
	s->sysv_buckets = buckets;
	s->sysv_chain = chain;
}

void sample_symbols(struct loader *ld, struct dso *d, const struct sample *list, size_t n,
	unsigned hashes, bool versioned)
{
	const struct sample *order[MOST];
	struct symtab *s = &d->symtab;
	Elf_Sym *sym = arena_alloc(&ld->permanent, (n + 1) * sizeof *sym);
	uint16_t *versym = arena_alloc(&ld->permanent, (n + 1) * sizeof *versym);
	size_t undefined = 0;

	if (n > MOST)
		abort();
	for (size_t i = 0; i < n; i++)
		order[i] = &list[i];
	if (hashes & HASH_GNU)
		undefined = put_in_order(order, list, n);
	for (size_t i = 0; i < n; i++) {
		sym[i + 1] = symbol_of(order[i]);
		versym[i + 1] = order[i]->versym;
	}
	make_strings(ld, s, order, n, sym);
	s->sym = sym;
	s->limit = n + 1;
	s->versym = versioned ? versym : NULL;
	if (hashes & HASH_GNU)
		make_gnu_hash(ld, s, order, n, undefined);
	if (hashes & HASH_SYSV)
		make_sysv_hash(ld, s, order, n);
}

void sample_versions(struct loader *ld, struct dso *d, const char *const *names)
{
	struct symtab *s = &d->symtab;
	size_t n = 0;

	while (names[n])
		n++;
	s->nversions = n + 2;
	s->versions = arena_alloc(&ld->permanent, s->nversions * sizeof *s->versions);
	for (size_t i = 0; i < n; i++)
		if (*names[i])
			s->versions[i + 2] =
				(struct version){.name = names[i], .hash = hash_sysv(names[i])};
}
