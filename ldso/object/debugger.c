/* debugger.c: the interface to debuggers.
 *
 * A debugger reads r_map and sets a breakpoint at r_brk; the loader calls that function before and
 * after each change.  The debugger finds the structure through the program's DT_DEBUG, or by the
 * name _r_debug when it was started on the loader.
 */
#include "object/debugger.h"
#include "state/libc.h"

#define EXPORTED __attribute__((visibility("default")))

struct r_debug api_r_debug = {.r_version = 1};
extern __typeof(api_r_debug) _r_debug EXPORTED __attribute__((alias("api_r_debug")));

/* Debuggers also look for this name.  The asm keeps calls from being optimised away. */
__attribute__((noinline)) static void debug_state(void)
{
	__asm__ volatile("" ::: "memory");
}
extern __typeof(debug_state) _dl_debug_state EXPORTED __attribute__((alias("debug_state")));

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
	if (api_r_debug.r_brk)
		insert_after(d->ns, d->ns->last_map, d->map);
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
	api_r_debug.r_map = loader.base.maps;
}

void debugger_move(struct dso *d, struct dso *to)
{
	if (!api_r_debug.r_brk)
		return;
	unlink_map(d->ns, d->map);
	insert_after(d->ns, to->map->l_prev, d->map);
	api_r_debug.r_map = loader.base.maps;
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
	debugger_state(RT_ADD);
	/* A debugger takes the first entry for the file that it was started on, so in command mode
	 * the loader comes first, unless the libc expects the program first, without a name. */
	if (self_first)
		debugger_add(ld->self);
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d != ld->self || !self_first)
			debugger_add(d);
	api_r_debug.r_map = ld->base.maps;
}

void debugger_state(int state)
{
	api_r_debug.r_state = state;
	debug_state();
}
