/* start.c: loads the auditors; see audit.h.
 *
 * They are told of all that is loaded, so they have to run before: the C library that their own
 * namespaces have needs a thread, with its TLS, and glibc's structures.  These are set up for the
 * program alone, by the build of the libc.so.6 that it would get.  From then on auditors are opened
 * as by dlmopen(), and the program's libraries are loaded as if it ran already.
 */
#include "audit/audit.h"
#include "arch/entry.h"
#include "audit/auditor.h"
#include "base/list.h"
#include "base/mem.h"
#include "dl/dl.h"
#include "init/init.h"
#include "load/adopt.h"
#include "load/load.h"
#include "load/unload.h"
#include "memory/alloc.h"
#include "object/debugger.h"
#include "object/scope.h"
#include "search/search.h"
#include "state/libc.h"
#include "state/words.h"
#include "tls/tls.h"

#define TAG_AUDIT    0x6ffffefc /* Solaris, "Linker and Libraries Guide": DT_AUDIT ... */
#define TAG_DEPAUDIT 0x6ffffefb /* ... and DT_DEPAUDIT */

struct auditors auditors;

static struct auditing hooks = {
	.search = audit_search,
	.opened = audit_opened,
	.closing = audit_closing,
	.activity = audit_activity,
	.preinit = audit_preinit,
	.found = audit_found,
	.bound = audit_bound,
};

/* ---- Which ---- */

/* The lists of auditors, in order; "" or NULL: none. */
struct lists {
	const char *list[4];
};
#define LISTS (sizeof(struct lists) / sizeof(const char *))

static const char *string_of_tag(const struct dso *d, intptr_t tag)
{
	for (const Elf_Dyn *e = d->map->l_ld; e && e->d_tag != DT_NULL; e++)
		if (e->d_tag == tag && e->d_un.d_val < d->symtab.str_size)
			return d->symtab.str + e->d_un.d_val;
	return NULL;
}

/* In secure mode auditors are files of trusted directories, which their owner has marked as safe. */
static struct lists lists_of(struct loader *ld)
{
	const struct config *c = &ld->config;
	struct lists l = {{c->audit, c->audit_option, string_of_tag(ld->program, TAG_AUDIT),
		string_of_tag(ld->program, TAG_DEPAUDIT)}};

	for (size_t i = 0; c->secure && i < LISTS; i++)
		l.list[i] = search_trusted(ld, l.list[i], ":", "default directories, for auditors");
	return l;
}

static bool is_any(const struct lists *l)
{
	for (size_t i = 0; i < LISTS; i++)
		if (l->list[i] && l->list[i][0])
			return true;
	return false;
}

/* ---- What they need ---- */

/* Loads the libc.so.6 that the program would get, but nothing that it needs, and takes it from all
 * lists again.  NULL: reported. */
static struct dso *load_libc(struct loader *ld)
{
	static struct namespace apart = {.id = -1, .auditing = true};
	struct dso *libc = load_object(ld, &apart, "libc.so.6", ld->program, LOAD_NEEDED);

	if (!libc)
		return NULL;
	if (libc->tls.module)
		tls_remove(ld, libc);
	unload_object(ld, libc);
	return libc;
}

/* The first thread, with the program's TLS, and glibc's structures.  -1: reported. */
static int set_up(struct loader *ld)
{
	struct dso *libc;

	if (adopt_vdso(ld) < 0)
		return -1;
	libc = load_libc(ld);
	if (!libc || ld->abi->prepare_for_auditors(ld, libc) < 0)
		return -1;
	unload_dead(ld);
	tls_lay_out(ld);
	debugger_start(ld);
	tls_finish_layout(ld);
	if (ld->abi->make_thread(ld) < 0)
		return -1;
	ld->startup_last = ld->last;
	ld->phase = PHASE_RUNNING;
	loader_lock(ld);
	return 0;
}

/* ---- Loading ---- */

/* An auditor's function; NULL: it has none of that name. */
static void *function_of(struct loader *ld, struct dso *d, const char *name)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	w.newest = true;
	return symbol_in_scope(ld, scope_of(d), 0, &w, &def) ? (void *)symbol_address(ld, &def)
							     : NULL;
}

static bool is_understood(unsigned version, unsigned ours)
{
	return version >= ARCH_AUDIT_LEAST && version <= ours;
}

/* Whether d and this loader have a version of the interface in common; if not, told as by ld.so. */
static bool agrees(struct loader *ld, struct dso *d, const char *name)
{
	unsigned ours = ld->version_rules.audit_interface, theirs, before;
	unsigned (*version)(unsigned) = function_of(ld, d, "la_version");

	if (!version) {
		fail(ld, "%s: undefined symbol: la_version", d->path);
		words_warn_audit(ld, name);
		return false;
	}
	before = loader_begin_foreign(ld);
	theirs = version(ours);
	loader_end_foreign(ld, before);
	if (!theirs)
		debug(ld, DEBUG_FILES,
			"\nfile=%s [%ld]; audit interface function la_version returned zero; "
			"ignored.",
			d->path, d->ns->id);
	else if (!is_understood(theirs, ours))
		diag_debug(&ld->diag,
			"ERROR: audit interface '%s' requires version %u (maximum supported "
			"version "
			"%u); ignored.",
			name, theirs, ours);
	return is_understood(theirs, ours);
}

static struct auditor auditor_of(struct loader *ld, struct dso *d)
{
	return (struct auditor){
		.activity = function_of(ld, d, "la_activity"),
		.objsearch = function_of(ld, d, "la_objsearch"),
		.objopen = function_of(ld, d, "la_objopen"),
		.preinit = function_of(ld, d, "la_preinit"),
		.symbind = function_of(ld, d, ARCH_BITS == 64 ? "la_symbind64" : "la_symbind32"),
		.pltenter = function_of(ld, d, ARCH_AUDIT_ENTER),
		.pltexit = function_of(ld, d, ARCH_AUDIT_EXIT),
		.objclose = function_of(ld, d, "la_objclose"),
	};
}

static void load_auditor(struct loader *ld, const char *name)
{
	struct dso *d = auditors.count < AUDITORS ? dl_open_auditor(ld, name) : NULL;

	if (!d) {
		if (auditors.count == AUDITORS)
			fail(ld, "%s: no more namespaces available for dlmopen()", name);
		words_warn_audit(ld, name);
	} else if (agrees(ld, d, name)) {
		auditors.list[auditors.count++] = auditor_of(ld, d);
	} else {
		dl_close(d->map);
	}
}

/* Loads those of a list that can be used.  -1: no memory (reported). */
static int load_list(struct loader *ld, const char *list)
{
	size_t n;

	for (const char *word; (word = list_next(&list, ":", &n));) {
		struct arena_mark mark = arena_mark(&ld->scratch);
		char *name = n ? arena_alloc(&ld->scratch, n + 1) : NULL;

		if (n && !name)
			return fail(ld, "no memory for the names of auditors");
		if (!n)
			continue;
		memcpy(name, word, n);
		name[n] = 0;
		load_auditor(ld, name);
		arena_release(&ld->scratch, mark);
	}
	return 0;
}

/* Tells the auditors of what there is already, in ld.so's order: the vDSO comes after preloaded
 * libraries.  -1: no memory (reported). */
static int tell_first(struct loader *ld)
{
	for (unsigned i = 0; i < auditors.count; i++)
		hooks.watches_calls |= auditors.list[i].pltenter || auditors.list[i].pltexit;
	hooks.plt_resolver = arch_audit_resolver();
	ld->auditing = &hooks;
	ld->base.activity = AUDIT_ADD; /* told below */
	if (audit_opened(ld, ld->program) < 0 || audit_opened(ld, ld->self) < 0)
		return -1;
	init_adopt(ld, ld->self);
	audit_activity(ld, &ld->base, AUDIT_ADD);
	return 0;
}

int audit_start(struct loader *ld)
{
	struct lists lists;

	if (ld->config.mode != MODE_RUN)
		return 0;
	lists = lists_of(ld);
	if (!is_any(&lists))
		return 0;
	if (!ld->abi->prepare_for_auditors) {
		print(2, "myld.so: warning: auditors are for programs of glibc: none is loaded\n");
		return 0;
	}
	if (set_up(ld) < 0)
		return -1;
	for (size_t i = 0; i < LISTS; i++)
		if (load_list(ld, lists.list[i]) < 0)
			return -1;
	return auditors.count ? tell_first(ld) : 0;
}

/* ---- The program ---- */

int audit_relocated(struct loader *ld)
{
	for (struct dso *d = ld->last; d; d = d->state->prev)
		if (auditing_tells(ld, d))
			audit_bound(ld, d);
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->ns == &ld->base &&
			(tls_start_module(ld, d) < 0 || ld->abi->ready(ld, d) < 0))
			return -1;
	return 0;
}
