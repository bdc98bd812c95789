/* rdebug.c: the debugger's interface.
 *
 * A debugger reads r_map and sets a breakpoint at r_brk; the loader calls that function before and
 * after each change.  It finds the structure through the program's DT_DEBUG, or by the name
 * _r_debug when it was started on the loader.
 */
#include "rdebug.h"

#define EXPORTED __attribute__((visibility("default")))

struct r_debug api_r_debug = {.r_version = 1};
extern __typeof(api_r_debug) _r_debug EXPORTED __attribute__((alias("api_r_debug")));

/* Debuggers look for this very name too.  The asm keeps the call from being thrown away. */
__attribute__((noinline)) static void debug_state(void)
{
	__asm__ volatile("" ::: "memory");
}
extern __typeof(debug_state) _dl_debug_state EXPORTED __attribute__((alias("debug_state")));

static struct link_map *last;

static void insert_after(struct link_map *before, struct link_map *m)
{
	m->l_prev = before;
	m->l_next = before ? before->l_next : api_r_debug.r_map;
	if (m->l_next)
		m->l_next->l_prev = m;
	else
		last = m;
	if (before)
		before->l_next = m;
	else
		api_r_debug.r_map = m;
}

void rdebug_add(struct dso *d)
{
	insert_after(last, &d->map);
}

void rdebug_remove(struct dso *d)
{
	struct link_map *m = &d->map;

	if (m->l_next)
		m->l_next->l_prev = m->l_prev;
	else
		last = m->l_prev;
	if (m->l_prev)
		m->l_prev->l_next = m->l_next;
	else
		api_r_debug.r_map = m->l_next;
}

void rdebug_start(struct loader *ld)
{
	struct dso *p = ld->program;

	/* A debugger takes the first entry for the file that it was started on. */
	if (ld->config.command) {
		rdebug_remove(ld->self);
		insert_after(NULL, &ld->self->map);
	}
	api_r_debug.r_brk = (uintptr_t)debug_state;
	api_r_debug.r_ldbase = ld->self->base;
	if (p->debug && dso_contains(p, (uintptr_t)p->debug - p->base, sizeof *p->debug, PF_W))
		p->debug->d_un.d_ptr = (uintptr_t)&api_r_debug;
}

void rdebug_state(int state)
{
	api_r_debug.r_state = state;
	debug_state();
}
