/* reloc.h: relocation of loaded objects. */
#ifndef RELOC_H
#define RELOC_H

#include "symbol/symbol.h"

/* One relocation, whichever table it stands in. */
struct reloc {
	uintptr_t offset;
	uint32_t type, symbol;
	bool has_addend; /* RELA; otherwise the addend is in the place */
	uintptr_t addend;
};

/* Walks all relocations of d but RELR; start with a zeroed cursor.  false at the end. */
struct reloc_cursor {
	unsigned table;
	size_t index;
};
bool reloc_next(const struct dso *d, struct reloc_cursor *c, struct reloc *r);

/* Slot `index` of the PLT, and how many there are. */
struct reloc reloc_plt(const struct dso *d, size_t index);
size_t reloc_plt_count(const struct dso *d);

/* How a relocation means its symbol: a PLT slot and a COPY skip some definitions. */
enum reloc_way { RELOC_DATA, RELOC_FUNCTION, RELOC_COPY };

/* A symbol of an object, and the way in which it is meant, in one number: what bindings go by that
 * are kept (plan.h, reopen.h).  0 is none's. */
#define RELOC_KEYS (UINT32_MAX >> 2) /* symbols below this have one */
static inline uint32_t reloc_key(uint32_t symbol, enum reloc_way way)
{
	return symbol << 2 | (uint32_t)way;
}

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
	const uint32_t *number; /* IFUNC: the residue's number, where the outcome depends on the
				   processor alone; or NULL */
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
 * symbols will be found (a table is made for it if that pays); NULL: they are known.  The worst of
 * what came of it. */
enum bound reloc_objects(struct loader *ld, struct dso *before, enum binding binding,
	struct scope *scope, struct reloc_work *work);

/* What reloc_object() has left of an object whose data a snapshot keeps or will keep. */
enum bound reloc_residue(struct loader *ld, struct dso *d, struct reloc_work *work);

/* Runs the resolvers: their objects' PLTs are filled by now. */
void reloc_ifuncs(struct loader *ld, struct reloc_work *work);

/* Copies data into the program: the libraries' own data is relocated by now. */
void reloc_copies(struct reloc_work *work);

/* The definition that symbol `index` of d's table means in d: what plt.c and reloc.c share. */
enum bound reloc_symbol(struct loader *ld, struct dso *d, uint32_t index, bool function, bool copy,
	struct def *def);

#endif
