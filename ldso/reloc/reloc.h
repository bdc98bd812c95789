/* reloc.h: relocation of loaded objects. */
#ifndef RELOC_H
#define RELOC_H

#include "reloc/bindings.h"

/* What became of a reference to a symbol. */
enum bound {
	BOUND,      /* to *def */
	BOUND_NULL, /* weak and undefined: it need not have a definition */
	UNDEFINED,  /* reported; others may be, too */
	BROKEN,     /* reported: the file is damaged */
};

/* How a PLT is filled. */
enum binding { BIND_NOW, BIND_LAZY };

/* Work that has to wait until every object has had its plain relocations. */
struct deferred {
	struct deferred *next;
	uintptr_t *where;
	uintptr_t value;        /* IFUNC: the resolver; COPY: the source */
	uintptr_t addend;       /* IFUNC: added to what the resolver returns */
	size_t size;            /* bytes at where */
	const uint32_t *number; /* IFUNC: its element of struct relocs_left, if the outcome depends
				   on the processor alone; or NULL */
};

struct deferred_list {
	struct deferred *first, **tail;
};

/* Lists of one start-up or one dlopen, in the scratch arena. */
struct reloc_work {
	struct deferred_list ifuncs, copies;
};

void reloc_begin(struct reloc_work *work);

/* Applies d's relocations but for COPY and what needs an IFUNC resolver, which go to `work`.  BOUND
 * when all is well; UNDEFINED when symbols were, all of them reported; BROKEN when there is no
 * sense in going on. */
enum bound reloc_object(
	struct loader *ld, struct dso *d, enum binding binding, struct reloc_work *work);

/* Does that for all objects behind `before` (NULL: for all), last loaded first, so that a
 * resolver's or a COPY's object is ready before those that use it.  scope: where most of their
 * symbols will be found, for which a table is made if that pays.  Returns the worst of what came of
 * it. */
enum bound reloc_objects(struct loader *ld, struct dso *before, enum binding binding,
	struct scope *scope, struct reloc_work *work);

/* At start-up, after reloc_objects(): what that has left of the objects that are prelinked, or will
 * be. */
enum bound reloc_left(struct loader *ld, struct reloc_work *work);

/* Runs the resolvers: their objects' PLTs are filled by now.  Callers are ordinary C code, which
 * expects a function to change vector registers, so resolvers are called directly. */
void reloc_ifuncs(struct loader *ld, struct reloc_work *work);

/* Copies data into the program: the libraries' own data is relocated by now. */
void reloc_copies(struct reloc_work *work);

/* The definition that symbol `index` of d's table has in d, meant in that way.  What is UNDEFINED
 * is reported. */
enum bound reloc_symbol(
	struct loader *ld, struct dso *d, uint32_t index, enum reloc_way way, struct def *def);

/* Whether a definition is an IFUNC, and whether its outcome depends on the processor alone. */
bool reloc_is_ifunc(const struct def *def);
bool reloc_is_by_cpu(struct loader *ld, const struct def *def);

/* Whether relocations of this type are about thread-local storage. */
bool reloc_is_tls(uint32_t type);

#endif
