/* symbol.h: symbol lookup by GNU and SysV hash, with versions. */
#ifndef SYMBOL_H
#define SYMBOL_H

#include "state/loader.h"

/* A definition: the symbol and the object that has it. */
struct def {
	struct dso *dso;
	const Elf_Sym *sym;
};

/* A lookup: the symbol that is wanted, and state that is kept from one object to the next. */
struct wanted {
	const char *name;
	const struct dso *from; /* the object whose symbol table the name is from, or NULL */
	uint32_t index;         /* index of that symbol in from's table: its name is not compared */
	uint32_t gnu_hash;
	uint32_t size;      /* of the name with its final 0; 0: unknown */
	bool partial_hash;  /* bit 0 of gnu_hash is unknown */
	uint32_t sysv_hash; /* 0 until an object without DT_GNU_HASH needs it */
	bool have_sysv;
	const struct version *version; /* NULL: any default version */
	bool function; /* for a PLT slot: an undefined symbol with an address (the PLT entry of a
			  program that is not position-independent) is no definition */
	bool newest;   /* for dlsym: the default version rather than the oldest */
	bool failed;   /* set by a lookup that met a damaged hash table, which is reported */
	const struct dso *skip; /* COPY: the program itself, which is not searched; or NULL */
};

/* The outcome of a lookup. */
enum lookup {
	LOOKUP_FOUND,
	LOOKUP_ABSENT,
	LOOKUP_FAILED, /* reported: a damaged hash table, or no memory */
};

/* A lookup of `name`, which must live as long as it. */
struct wanted symbol_wanted(const char *name, const struct version *version);

/* A lookup of symbol `index` of d's table, for a relocation.  With a scope hash (scope_hash.h) the
 * hash value is taken from d's own hash table, if the symbol is in it, and the name is not read. */
struct wanted symbol_wanted_by(const struct loader *ld, const struct dso *d, uint32_t index,
	const struct version *version);

/* Prefetches symbol `index` of d and its hash value; the index need not be valid. */
static inline void symbol_fetch(const struct dso *d, uint32_t index)
{
	const struct symtab *s = &d->symtab;

	__builtin_prefetch(&s->sym[index]);
	__builtin_prefetch(&s->chain[index - s->symoffset]);
}

/* The candidates of one object: symbols that are the definition only if there is no other one. */
struct match {
	struct dso *dso;
	const Elf_Sym *candidate; /* the last one */
	unsigned candidates;
};

/* Whether symbol i of d is the definition; if not, it may be recorded in *m as a candidate. */
bool symbol_match(
	const struct loader *ld, struct dso *d, size_t i, const struct wanted *w, struct match *m);

/* Called after all symbols of an object: stores its candidate in *def and returns true if there is
 * exactly one.  Clears *m. */
bool symbol_accept_candidate(struct match *m, struct def *def);

/* The next three return whether there is a definition, and store it in *def.  If not, w->failed
 * tells whether a damaged hash table was met. */

/* Looks into one object. */
bool symbol_in(struct loader *ld, struct dso *d, struct wanted *w, struct def *def);

/* Looks into a list of objects, in order. */
bool symbol_in_list(
	struct loader *ld, struct dso *const *list, size_t n, struct wanted *w, struct def *def);

/* Looks into a scope, from its object number `from` on. */
bool symbol_in_scope(
	struct loader *ld, struct scope *s, size_t from, struct wanted *w, struct def *def);

/* Looks a symbol up for a relocation of d: in d itself with DT_SYMBOLIC, in the global scope, in
 * the scope of d's root and of others that need it, by the libc ABI's fallback_symbol(). */
enum lookup symbol_find(struct loader *ld, struct dso *d, struct wanted *w, struct def *def);

/* Records that d is bound to def, whose object must stay loaded as long as d.  -1: no memory
 * (reported), or this has to be recorded and the lock is not held (not reported). */
int symbol_add_dependency(struct loader *ld, struct dso *d, const struct def *def);

/* The address that the libc ABI's override() gives a definition; 0: none. */
uintptr_t symbol_overridden(struct loader *ld, const struct def *def);

/* The address of a definition, overrides applied and IFUNCs resolved.  Not for TLS symbols. */
uintptr_t symbol_address(struct loader *ld, const struct def *def);

/* The number of entries of d's symbol table, computed from its hash tables. */
size_t symbol_count(const struct dso *d);

/* Computes bit 0 of w->gnu_hash, if it is unknown. */
void symbol_complete_hash(struct wanted *w);

#endif
