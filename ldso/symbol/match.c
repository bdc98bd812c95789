/* match.c: whether an object defines a symbol.
 *
 * DT_GNU_HASH is preferred: one Bloom word excludes most objects without reading their tables (see
 * decode_gnu_hash() for the layout); DT_HASH (gABI, "Hash Table") serves objects that have only
 * that.  Every index is checked against the limits that dynamic.c computed.
 */
#include "symbol/symbol.h"
#include "base/hash.h"
#include "base/mem.h"
#include "state/libc.h"

#define WORD_BITS (8 * sizeof(uintptr_t))

struct wanted symbol_wanted(const char *name, const struct version *version)
{
	struct wanted w = {.name = name, .version = version};

	w.gnu_hash = hash_gnu(name, &w.size);
	return w;
}

struct wanted symbol_wanted_by(
	const struct loader *ld, const struct dso *d, uint32_t index, const struct version *version)
{
	const struct symtab *s = &d->symtab;
	const char *name = s->str + s->sym[index].st_name;
	struct wanted w = {.name = name, .version = version, .from = d, .index = index};

	w.partial_hash =
		ld->scope_hash && s->nbuckets && index >= s->symoffset && index < s->chain_limit;
	w.gnu_hash = w.partial_hash ? s->chain[index - s->symoffset] : hash_gnu(name, &w.size);
	return w;
}

/* Whether a symbol is a definition that other objects may bind to. */
static bool usable(const Elf_Sym *sym, const struct wanted *w)
{
	unsigned type = ELF_ST_TYPE(sym->st_info), bind = ELF_ST_BIND(sym->st_info);

	if (bind != STB_GLOBAL && bind != STB_WEAK && bind != STB_GNU_UNIQUE)
		return false;
	if (type > STT_COMMON && type != STT_TLS && type != STT_GNU_IFUNC)
		return false;
	if (type == STT_SECTION || type == STT_FILE)
		return false;
	if (sym->st_shndx == SHN_UNDEF)
		/* psABI 5.2: the address of a function is that of its PLT entry in a program that
		 * is not position-independent, except for PLT slots. */
		return sym->st_value && type != STT_TLS && !w->function;
	return sym->st_value || type == STT_TLS || sym->st_shndx == SHN_ABS;
}

/* Whether symbol i's version is the wanted one; FIT_CANDIDATE: if no other symbol fits. */
enum fit { FIT_NO, FIT_CANDIDATE, FIT_YES };

static enum fit version_fit(
	const struct loader *ld, const struct symtab *s, size_t i, const struct wanted *w)
{
	const struct version *own;
	unsigned index;

	if (s->hidden && s->hidden[i])
		return FIT_NO;
	if (!s->versym)
		return FIT_YES;
	if (!ld->abi->match_versions)
		return s->versym[i] & VERSYM_HIDDEN ? FIT_NO : FIT_YES;
	index = s->versym[i] & VERSYM_INDEX;
	own = index < s->nversions ? &s->versions[index] : NULL;
	if (own && !own->name)
		own = NULL;
	if (w->version) {
		if (own && own->hash == w->version->hash && !strcmp(own->name, w->version->name))
			return FIT_YES;
		/* An unversioned definition in a versioned library satisfies a reference to the
		 * default version. */
		return own || w->version->hidden || s->versym[i] & VERSYM_HIDDEN ? FIT_NO : FIT_YES;
	}
	/* Without a version, a relocation means the library's first version, since it was made
	 * before the library had versions; dlsym means the default one. */
	if (index < (w->newest ? 2 : 3))
		return FIT_YES;
	return s->versym[i] & VERSYM_HIDDEN ? FIT_NO : FIT_CANDIDATE;
}

static bool has_name(const struct dso *d, size_t i, const struct wanted *w)
{
	const struct symtab *s = &d->symtab;
	size_t name = s->sym[i].st_name;

	if (d == w->from && i == w->index)
		return true;
	if (w->size)
		return name < s->str_size && w->size <= s->str_size - name &&
		       !memcmp(s->str + name, w->name, w->size);
	return name < s->str_size && !strcmp(s->str + name, w->name);
}

bool symbol_match(
	const struct loader *ld, struct dso *d, size_t i, const struct wanted *w, struct match *m)
{
	const Elf_Sym *sym = &d->symtab.sym[i];

	if (!has_name(d, i, w) || !usable(sym, w))
		return false;
	switch (version_fit(ld, &d->symtab, i, w)) {
	case FIT_YES: return true;
	case FIT_CANDIDATE:
		m->candidates++;
		m->dso = d;
		m->candidate = sym;
		break;
	case FIT_NO: break;
	}
	return false;
}

bool symbol_accept_candidate(struct match *m, struct def *def)
{
	bool found = m->candidates == 1;

	if (found)
		*def = (struct def){m->dso, m->candidate};
	*m = (struct match){0};
	return found;
}

/* Reports a hash chain that leads outside the symbol table; returns NULL. */
static const Elf_Sym *report_damage(struct loader *ld, const struct dso *d, struct wanted *w,
	const char *tag, size_t bucket, size_t i, size_t limit)
{
	w->failed = true;
	if (loader_may_change(ld))
		fail(ld, "%s: %s: bucket %zu leads to symbol index %zu, expected less than %zu",
			d->path, tag, bucket, i, limit);
	return NULL;
}

void symbol_complete_hash(struct wanted *w)
{
	if (w->partial_hash)
		w->gnu_hash = hash_gnu(w->name, &w->size);
	w->partial_hash = false;
}

static const Elf_Sym *gnu_lookup(
	struct loader *ld, struct dso *d, struct wanted *w, struct match *m)
{
	const struct symtab *s = &d->symtab;
	uint32_t h, chain;
	uintptr_t word;
	size_t i;

	symbol_complete_hash(w);
	h = w->gnu_hash;
	word = s->bloom[h / WORD_BITS & s->bloom_mask];
	if (!(word >> (h % WORD_BITS) & word >> ((h >> s->bloom_shift) % WORD_BITS) & 1))
		return NULL;
	i = s->buckets[h % s->nbuckets];
	if (i < s->symoffset)
		return NULL;
	do {
		if (i >= s->chain_limit)
			return report_damage(
				ld, d, w, "DT_GNU_HASH", h % s->nbuckets, i, s->chain_limit);
		chain = s->chain[i - s->symoffset];
		if ((chain | 1) == (h | 1) && symbol_match(ld, d, i, w, m))
			return &s->sym[i];
		i++;
	} while (!(chain & 1));
	return NULL;
}

static const Elf_Sym *sysv_lookup(
	struct loader *ld, struct dso *d, struct wanted *w, struct match *m)
{
	const struct symtab *s = &d->symtab;
	uint32_t i, bucket, steps = 0;

	if (!w->have_sysv) {
		w->sysv_hash = hash_sysv(w->name);
		w->have_sysv = true;
	}
	bucket = w->sysv_hash % s->sysv_nbuckets;
	for (i = s->sysv_buckets[bucket]; i; i = s->sysv_chain[i]) {
		if (i >= s->sysv_nchain)
			return report_damage(ld, d, w, "DT_HASH", bucket, i, s->sysv_nchain);
		if (steps++ == s->sysv_nchain) {
			w->failed = true;
			if (loader_may_change(ld))
				fail(ld, "%s: DT_HASH: the chain of bucket %u is circular", d->path,
					bucket);
			return NULL;
		}
		if (symbol_match(ld, d, i, w, m))
			return &s->sym[i];
	}
	return NULL;
}

bool symbol_in(struct loader *ld, struct dso *d, struct wanted *w, struct def *def)
{
	struct match m = {0};
	const Elf_Sym *sym = NULL;

	debug(ld, DEBUG_SYMBOLS, "symbol=%s;  lookup in file=%s [%ld]", w->name, d->path,
		d->ns->id);
	if (d->symtab.nbuckets)
		sym = gnu_lookup(ld, d, w, &m);
	else if (d->symtab.sysv_nbuckets)
		sym = sysv_lookup(ld, d, w, &m);
	if (!sym)
		return symbol_accept_candidate(&m, def);
	*def = (struct def){d, sym};
	return true;
}

size_t symbol_count(const struct dso *d)
{
	const struct symtab *s = &d->symtab;
	size_t last = 0;

	if (s->sysv_nbuckets)
		return s->sysv_nchain;
	for (uint32_t i = 0; i < s->nbuckets; i++)
		if (s->buckets[i] > last)
			last = s->buckets[i];
	if (last < s->symoffset)
		return s->symoffset < s->limit ? s->symoffset : s->limit;
	while (last < s->chain_limit && !(s->chain[last - s->symoffset] & 1))
		last++;
	return last < s->chain_limit ? last + 1 : s->chain_limit;
}
