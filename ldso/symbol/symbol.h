/* symbol.h: symbol lookup by GNU and SysV hash, with versions. */
#ifndef SYMBOL_H
#define SYMBOL_H

#include "state/loader.h"

/* A definition: the symbol and the object that has it. */
struct def {
	struct dso *dso;
	const Elf_Sym *sym;
};

/* What is looked for. */
struct wanted {
	const char *name;
	const struct dso *from; /* NULL, or the object that has it in its table, as symbol ... */
	uint32_t index;         /* ... number so-and-so: that one has the name without a look */
	uint32_t gnu_hash;
	uint32_t size;      /* of the name with its final 0; 0: not counted */
	bool partial_hash;  /* bit 0 of gnu_hash is not known */
	uint32_t sysv_hash; /* 0 until an object without DT_GNU_HASH needs it */
	bool have_sysv;
	const struct version *version; /* NULL: any default version */
	bool function; /* for a PLT slot: an undefined symbol with an address (the PLT entry of a
			  program that is not position-independent) is no definition */
	bool newest;   /* for dlsym: the default version rather than the oldest */
	const struct dso *skip; /* COPY: not in the program itself */
};

struct wanted symbol_wanted(const char *name, const struct version *version);

/* Symbol `index` of d's table, for a relocation.  Where the objects are merged (scope_hash.h) and d's
 * own hash table has it, its name is not even read. */
struct wanted symbol_wanted_by(const struct loader *ld, const struct dso *d, uint32_t index,
	const struct version *version);

/* Fetches what says of a symbol of d which one it is; any index will do. */
static inline void symbol_fetch(const struct dso *d, uint32_t index)
{
	const struct symtab *s = &d->symtab;

	__builtin_prefetch(&s->sym[index]);
	__builtin_prefetch(&s->chain[index - s->symoffset]);
}

/* What the symbols of one object that have the name have come to so far. */
struct match {
	struct dso *dso;
	const Elf_Sym *maybe; /* the last of those that count if there is just one */
	unsigned maybes;
};

/* Whether symbol i of d is the definition; if not, notes that it might be.  symbol_matched(): all
 * of the object have been seen: is it the one that might be? */
bool symbol_match(
	const struct loader *ld, struct dso *d, size_t i, const struct wanted *w, struct match *m);
bool symbol_matched(struct match *m, struct def *def);

/* In one object. */
bool symbol_in(struct loader *ld, struct dso *d, struct wanted *w, struct def *def);

/* As a relocation of d sees it: DT_SYMBOLIC, the global scope, then d's own scope, then the world's
 * fallback_symbol(). */
bool symbol_find(struct loader *ld, struct dso *d, struct wanted *w, struct def *def);

/* Object d has been bound to def, which must stay as long as d does.  -1: no memory (reported). */
int symbol_bound(struct loader *ld, struct dso *d, const struct def *def);

/* In a list of objects, in order. */
bool symbol_in_list(
	struct loader *ld, struct dso *const *list, size_t n, struct wanted *w, struct def *def);

/* In a scope, from one of its objects on. */
bool symbol_in_scope(
	struct loader *ld, struct scope *s, size_t from, struct wanted *w, struct def *def);

/* What the world answers in a definition's place; 0: nothing. */
uintptr_t symbol_overridden(struct loader *ld, const struct def *def);

/* The address of a definition: IFUNC resolved, the world's diversion applied; not for TLS symbols.
 */
uintptr_t symbol_address(struct loader *ld, const struct def *def);

/* Number of entries of d's symbol table, as its hash tables tell. */
size_t symbol_count(const struct dso *d);

/* Computes bit 0 of w->gnu_hash, if that is not known yet. */
void symbol_complete_hash(struct wanted *w);

#endif
