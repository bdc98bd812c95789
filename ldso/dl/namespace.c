/* namespace.c: dlmopen's namespaces; see namespace.h. */
#include "dl/namespace.h"
#include "dl/dl.h"
#include "object/debugger.h"
#include "object/scope.h"

static struct namespace *new_namespace(struct loader *ld)
{
	struct namespace *ns, *last = &ld->base;

	ns = heap_alloc(&ld->heap, sizeof *ns, 0, 0);
	if (!ns) {
		fail(ld, "dlmopen: no memory for a namespace");
		return NULL;
	}
	while (last->next)
		last = last->next;
	ns->id = last->id + 1;
	last->next = ns;
	return ns;
}

struct namespace *namespace_find(struct loader *ld, long id)
{
	if (id == LM_ID_NEWLM)
		return new_namespace(ld);
	for (struct namespace *ns = &ld->base; ns; ns = ns->next)
		if (ns->id == id && !ns->auditing)
			return ns;
	fail(ld, "dlmopen: %ld: no such namespace", id);
	return NULL;
}

void namespace_free_empty(struct loader *ld)
{
	for (struct namespace **at = &ld->base.next, *ns; (ns = *at);) {
		struct dso *d = ld->first;

		while (d && d->ns != ns)
			d = dso_next(d);
		if (d) {
			at = &ns->next;
			continue;
		}
		*at = ns->next;
		debugger_forget(ns);
		scope_free(ld, &ns->global);
		heap_free(&ld->heap, ns->uniques);
		heap_free(&ld->heap, ns);
	}
}
