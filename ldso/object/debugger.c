/* debugger.c: the interface to debuggers.
 *
 * A debugger reads r_map and sets a breakpoint at r_brk; the loader calls that function before and
 * after each change.  The debugger finds the structure through the program's DT_DEBUG, or by the
 * name _r_debug when it was started on the loader.  As under glibc since 2.35, the structures of
 * other namespaces follow along r_next; and there are probes with glibc's names, at which debuggers stop
 * in the place of r_brk.
 */
#include "object/debugger.h"
#include "base/probe.h"
#include "state/libc.h"

#define EXPORTED __attribute__((visibility("default")))

struct r_debug api_r_debug = {.r_version = 1};
extern __typeof(api_r_debug) _r_debug EXPORTED __attribute__((alias("api_r_debug")));
/* Of the size of the public structure, without r_next: programs have copies of it (COPY). */
__asm__(".size _r_debug, 40");
_Static_assert(offsetof(struct r_debug, r_next) == 40, "the size of <link.h>'s struct r_debug");

/* The copy of a program that was linked to have one; or NULL. */
static struct r_debug *copied;

/* Debuggers also look for this name.  The asm keeps calls from being optimised away. */
__attribute__((noinline)) static void debug_state(void)
{
	__asm__ volatile("" ::: "memory");
}
extern __typeof(debug_state) _dl_debug_state EXPORTED __attribute__((alias("debug_state")));

static struct r_debug *debug_of(struct namespace *ns)
{
	return ns == &loader.base ? &api_r_debug : &ns->debug;
}

/* Puts the structure of a new namespace behind the others. */
static void join(struct r_debug *r)
{
	struct r_debug *last = &api_r_debug;

	if (r->r_brk)
		return;
	*r = (struct r_debug){
		.r_version = 2, .r_brk = api_r_debug.r_brk, .r_ldbase = api_r_debug.r_ldbase};
	while (last->r_next)
		last = last->r_next;
	last->r_next = r;
	api_r_debug.r_version = 2;
}

void debugger_forget(struct namespace *ns)
{
	for (struct r_debug **at = &api_r_debug.r_next; *at; at = &(*at)->r_next)
		if (*at == &ns->debug) {
			*at = ns->debug.r_next;
			return;
		}
}

static void insert_after(struct namespace *ns, struct link_map *before, struct link_map *m)
{
	m->l_prev = before;
	m->l_next = before ? before->l_next : ns->maps;
	if (m->l_next)
		m->l_next->l_prev = m;
	else
		ns->last_map = m;
	if (before)
		before->l_next = m;
	else
		ns->maps = m;
}

/* Does nothing before debugger_start(): until then the libc ABI may replace an object's
 * link_map. */
void debugger_add(struct dso *d)
{
	if (!api_r_debug.r_brk)
		return;
	join(debug_of(d->ns));
	insert_after(d->ns, d->ns->last_map, d->map);
	debug_of(d->ns)->r_map = d->ns->maps;
}

static void unlink_map(struct namespace *ns, struct link_map *m)
{
	if (m->l_next)
		m->l_next->l_prev = m->l_prev;
	else
		ns->last_map = m->l_prev;
	if (m->l_prev)
		m->l_prev->l_next = m->l_next;
	else
		ns->maps = m->l_next;
}

void debugger_remove(struct dso *d)
{
	unlink_map(d->ns, d->map);
	debug_of(d->ns)->r_map = d->ns->maps;
}

void debugger_move(struct dso *d, struct dso *to)
{
	if (!api_r_debug.r_brk)
		return;
	unlink_map(d->ns, d->map);
	insert_after(d->ns, to->map->l_prev, d->map);
	debug_of(d->ns)->r_map = d->ns->maps;
}

void debugger_copied(const struct dso *d, struct r_debug *copy, size_t n)
{
	uintptr_t state = (uintptr_t)&copy->r_state, end = state + sizeof copy->r_state;

	if (d == loader.program && n >= end - (uintptr_t)copy &&
		(end <= d->relro_start || state >= d->relro_end))
		copied = copy;
}

/* Stops the debugger, for which the list of ns is in this state. */
static struct r_debug *stop(struct namespace *ns, int state)
{
	struct r_debug *r = debug_of(ns);

	r->r_state = state;
	if (copied && r == &api_r_debug)
		copied->r_state = state;
	debug_state();
	return r;
}

void debugger_start(struct loader *ld)
{
	struct dso *p = ld->program;
	bool self_first = ld->config.command && !ld->abi->program_nameless;

	api_r_debug.r_brk = (uintptr_t)debug_state;
	api_r_debug.r_ldbase = ld->self->base;
	if (p->debug && dso_contains(p, (uintptr_t)p->debug - p->base, sizeof *p->debug, PF_W))
		p->debug->d_un.d_ptr = (uintptr_t)&api_r_debug;
	/* The list is still empty: objects in it must be ready for inspection at each stop, and
	 * libthread_db reads a libc's list of threads as soon as it sees the libc. */
	PROBE2("rtld", "init_start", ld->base.id, stop(&ld->base, RT_ADD));
	/* A debugger takes the first entry for the file that it was started on, so in command mode
	 * the loader comes first, unless the libc expects the program first, without a name. */
	if (self_first)
		debugger_add(ld->self);
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d != ld->self || !self_first)
			debugger_add(d);
}

void debugger_started(struct loader *ld)
{
	PROBE2("rtld", "init_complete", ld->base.id, stop(&ld->base, RT_CONSISTENT));
}

void debugger_mapping(struct namespace *ns)
{
	PROBE2("rtld", "map_start", ns->id, stop(ns, RT_ADD));
}

void debugger_map_failed(struct namespace *ns)
{
	PROBE2("rtld", "map_failed", ns->id, stop(ns, RT_CONSISTENT));
}

void debugger_mapped(struct dso *d)
{
	PROBE3("rtld", "map_complete", d->ns->id, stop(d->ns, RT_CONSISTENT), d->map);
	PROBE2("rtld", "reloc_start", d->ns->id, debug_of(d->ns));
}

void debugger_relocated(struct dso *d)
{
	PROBE3("rtld", "reloc_complete", d->ns->id, debug_of(d->ns), d->map);
}

void debugger_unmapping(struct namespace *ns)
{
	PROBE2("rtld", "unmap_start", ns->id, stop(ns, RT_DELETE));
}

void debugger_unmapped(struct namespace *ns)
{
	PROBE2("rtld", "unmap_complete", ns->id, stop(ns, RT_CONSISTENT));
}
