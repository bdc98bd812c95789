/* reloc.h: relocation of loaded objects. */
#ifndef RELOC_H
#define RELOC_H

#include "reloc/bindings.h"

/* The outcome of binding a reference to a symbol. */
enum bound {
	BOUND,      /* to *def */
	BOUND_NULL, /* weak and undefined: its value is 0 */
	UNDEFINED,  /* reported; relocation continues, to report others too */
	BROKEN,     /* reported: a damaged file, or no memory */
};

/* When PLT slots are bound. */
enum binding { BIND_NOW, BIND_LAZY };

/* A relocation that is deferred until all plain relocations of every object are applied. */
struct deferred {
	struct deferred *next;
	struct dso *dso; /* in which it is */
	uint32_t type;
	uintptr_t *where;
	uintptr_t value;        /* IFUNC: the resolver; COPY: the source */
	uintptr_t addend;       /* IFUNC: added to what the resolver returns */
	size_t size;            /* bytes at where */
	const uint32_t *number; /* IFUNC: its element of struct relocs_left, if the result depends
				   on the processor alone; else NULL */
};

struct deferred_list {
	struct deferred *first, **tail;
};

/* The deferred relocations of a start-up or a dlopen, in the scratch arena. */
struct reloc_work {
	struct deferred_list ifuncs, copies;
};

/* Initialises *work, which must not move afterwards. */
void reloc_begin(struct reloc_work *work);

/* Applies d's relocations, except COPY and those that need an IFUNC resolver, which are added to
 * `work`.  Returns BOUND; UNDEFINED if symbols are undefined, all of which are reported; or
 * BROKEN. */
enum bound reloc_object(
	struct loader *ld, struct dso *d, enum binding binding, struct reloc_work *work);

/* Does that for all objects after `before` in the load order (NULL: for all), last loaded first, so
 * that the object of a resolver or a COPY is ready before those that use it.  scope: the scope of
 * most lookups, for which a scope hash is built if that pays off.  Returns the worst outcome. */
enum bound reloc_objects(struct loader *ld, struct dso *before, enum binding binding,
	struct scope *scope, struct reloc_work *work);

/* At start-up, after reloc_objects(): applies the relocations that were left of objects that are
 * prelinked or will be. */
enum bound reloc_left(struct loader *ld, struct reloc_work *work);

/* Calls the deferred IFUNC resolvers; the PLTs of their objects must be filled.  Callers are
 * ordinary C code, which expects that a function changes vector registers, so resolvers are called
 * directly.  -1: a result does not fit its place, or text cannot be protected (reported). */
int reloc_ifuncs(struct loader *ld, struct reloc_work *work);

/* Applies the deferred COPY relocations; the libraries' own data must be relocated. */
void reloc_copies(struct reloc_work *work);

/* Whether the PLT slot at `offset` (not relocated) can be written when the program runs, with one
 * store: it is aligned, and neither in RELRO nor, in an object with DT_TEXTREL, in a read-only
 * segment. */
bool reloc_may_stay_lazy(const struct dso *d, uintptr_t offset);

/* Whether r is a PLT slot that is bound at its first call, if d is bound lazily. */
bool reloc_may_be_lazy(const struct loader *ld, const struct dso *d, const struct reloc *r);

/* What plt_resolve() does, but that the slot is not written: the address and the definition of the
 * function that slot `index` of d is for.  The lock is not held; a failure ends the process. */
uintptr_t plt_find(struct dso *d, size_t index, struct def *def);

/* Finds the definition *def that a relocation of d binds symbol `index` of d's table to. */
enum bound reloc_symbol(
	struct loader *ld, struct dso *d, uint32_t index, enum reloc_way way, struct def *def);
/* The same, but does not report undefined symbols. */
enum bound reloc_find(
	struct loader *ld, struct dso *d, uint32_t index, enum reloc_way way, struct def *def);

/* Whether a definition is an IFUNC, and whether it is one whose result depends on the processor
 * alone. */
bool reloc_is_ifunc(const struct def *def);
bool reloc_is_by_cpu(struct loader *ld, const struct def *def);

/* Whether the definition is no IFUNC whose resolver is no code; the other returns -1 then
 * (reported). */
bool reloc_is_resolvable(struct loader *ld, const struct def *def);
int reloc_check_resolver(struct loader *ld, const struct def *def);

/* Whether relocations of this type are about thread-local storage. */
bool reloc_is_tls(uint32_t type);

#endif
