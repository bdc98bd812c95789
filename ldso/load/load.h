/* load.h: loading of objects and of all that they need. */
#ifndef LOAD_H
#define LOAD_H

#include "state/loader.h"

/* The object of ns that `by` means by `name`: one that is loaded already, or a new one at the end
 * of the load order (mapped and decoded, its dependencies not yet loaded).  NULL with the reason
 * kept. */
struct dso *deps_load(struct loader *ld, struct namespace *ns, const char *name, struct dso *by);

/* The object that `name` means if it is loaded already; NULL if not. */
struct dso *deps_find(struct loader *ld, struct namespace *ns, const char *name, struct dso *by);

/* The first name that means a libc decides the world; from then on that libc's names all mean it.
 */
void deps_choose_world(struct loader *ld, const char *name);

/* Loads, breadth-first, what every object from `from` on needs.  Goes on after a failure so that
 * all are reported; -1 then. */
int deps_load_all(struct loader *ld, struct dso *from);

/* LD_PRELOAD and --preload: names separated by colons or spaces. */
int deps_preload(struct loader *ld, const char *list, const char *where);

/* Appends d to the load order. */
void deps_append(struct loader *ld, struct dso *d);

/* Takes d out of the load order and the tables of names; it stays mapped until it is forgotten. */
void deps_remove(struct loader *ld, struct dso *d);

/* Unmaps d and gives its memory back: nobody may refer to it any more. */
void deps_forget(struct loader *ld, struct dso *d);

/* A walk over the graph of objects, one at a time: breadth-first along reach_next, if it queues
 * them. */
struct walk {
	unsigned long number;
	struct dso *first, *last;
};

struct walk deps_walk(struct loader *ld);

/* Puts d at the end of the queue, unless the walk has seen it. */
void deps_reach(struct walk *w, struct dso *d);

static inline bool deps_seen(const struct walk *w, const struct dso *d)
{
	return d->state->seen == w->number;
}

/* The first object in the load order that was opened at run time, or NULL: others follow. */
static inline struct dso *deps_opened(const struct loader *ld)
{
	return ld->settled ? dso_next(ld->settled) : NULL;
}

/* d->scope: d and its dependencies, breadth-first.  Made once. */
int deps_make_scope(struct loader *ld, struct dso *d);

/* Adds d to the global scope of ns. */
int deps_make_global(struct loader *ld, struct namespace *ns, struct dso *d);

#endif
