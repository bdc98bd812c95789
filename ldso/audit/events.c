/* events.c: what auditors are told of objects: looked for, opened, closed, complete. */
#include "audit/auditor.h"
#include "reloc/reloc_table.h"

/* Auditors may call the loader, whose lock is held in most of these calls. */
#define TELL(ld, call)                                                                             \
	do {                                                                                       \
		unsigned before = loader_begin_foreign(ld);                                        \
                                                                                                   \
		call;                                                                              \
		loader_end_foreign(ld, before);                                                    \
	} while (0)

const char *audit_search(
	struct loader *ld, const char *name, struct dso *by, enum audit_stage stage)
{
	struct audited *a = (by ? by : ld->program)->state->audited;

	for (unsigned i = 0; a && name && i < auditors.count; i++)
		if (auditors.list[i].objsearch)
			TELL(ld, name = auditors.list[i].objsearch(name, &a->by[i].cookie, stage));
	return name;
}

/* The object whose cookie stands for its namespace: the first one.  NULL: there is none. */
static struct dso *head_of(const struct loader *ld, const struct namespace *ns)
{
	struct dso *d = ld->first;

	while (d && (d->ns != ns || (d == ld->self && d != ld->first)))
		d = dso_next(d);
	return d;
}

void audit_activity(struct loader *ld, struct namespace *ns, enum audit_activity what)
{
	struct dso *head = head_of(ld, ns);
	struct audited *a = head ? head->state->audited : NULL;
	bool told = what == AUDIT_DELETE && ns->activity == AUDIT_DELETE;

	ns->activity = what;
	if (told)
		return;
	for (unsigned i = 0; a && i < auditors.count; i++)
		if (auditors.list[i].activity)
			TELL(ld, auditors.list[i].activity(&a->by[i].cookie, what));
}

int audit_opened(struct loader *ld, struct dso *d)
{
	size_t calls = reloc_plt_count(d);
	struct audited *a = dso_alloc(ld, d, sizeof *a + calls * sizeof *a->calls);

	if (!a)
		return fail(ld, "%s: no memory to audit it", d->path);
	a->ncalls = calls;
	for (unsigned i = 0; i < auditors.count; i++)
		a->by[i].cookie = (uintptr_t)d->map;
	d->state->audited = a;
	if (d->ns->activity != AUDIT_ADD)
		audit_activity(ld, d->ns, AUDIT_ADD);
	for (unsigned i = 0; i < auditors.count; i++)
		if (auditors.list[i].objopen)
			TELL(ld, a->by[i].flags = auditors.list[i].objopen(
					 d->map, d->ns->id, &a->by[i].cookie));
	return 0;
}

void audit_closing(struct loader *ld, struct dso *d)
{
	struct audited *a = d->state->audited;

	if (ld->version_rules.audits_whole_change)
		audit_activity(ld, d->ns, AUDIT_DELETE);
	for (unsigned i = 0; a && i < auditors.count; i++)
		if (auditors.list[i].objclose)
			TELL(ld, auditors.list[i].objclose(&a->by[i].cookie));
}

void audit_preinit(struct loader *ld)
{
	struct audited *a = ld->program->state->audited;

	for (unsigned i = 0; a && i < auditors.count; i++)
		if (auditors.list[i].preinit)
			TELL(ld, auditors.list[i].preinit(&a->by[i].cookie));
}
