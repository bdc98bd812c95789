/* order.c: the lists of directories in which a library is searched, and their order.
 *
 * The order is the libc's: gABI chapter 5, "Shared Object Dependencies", as in ld.so(8), or musl's,
 * which treats RPATH and RUNPATH alike.
 */
#include "search/walk.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/path.h"
#include "search/expand.h"
#include "state/libc.h"
#include "state/words.h"

static bool is_inhibited(struct loader *ld, const struct dso *d)
{
	const char *rest = ld->config.inhibit_rpath, *base;
	size_t n;

	if (!rest)
		return false;
	base = path_base(d->path);
	for (const char *name; (name = list_next(&rest, ": ", &n));)
		if ((strlen(d->path) == n && !memcmp(d->path, name, n)) ||
			(strlen(base) == n && !memcmp(base, name, n)))
			return true;
	return false;
}

static bool walk_rpath(struct search *s, struct dso *d, const char *text, const char *from)
{
	struct search_list l = {.text = text,
		.separators = ":",
		.from = from,
		.file = d->path,
		.owner = d,
		.empty_is_cwd = true,
		.hwcaps = s->ld->abi->hwcaps,
		.fits = search_fits_machine,
		.stage = AUDIT_RUNPATH};

	if (s->ld->abi->rpath_is_runpath) {
		l.separators = ":\n";
		l.empty_is_cwd = false;
	}
	return text && !is_inhibited(s->ld, d) && search_walk(s, &l);
}

static bool walk_library_path(struct search *s)
{
	const struct config *c = &s->ld->config;
	struct search_list l = {.text = c->library_path,
		.separators = ":;",
		.from = c->library_path_from,
		.owner = s->ld->program,
		.empty_is_cwd = true,
		.hwcaps = s->ld->abi->hwcaps,
		.fits = search_fits_machine,
		.stage = AUDIT_LIBPATH};

	if (s->ld->abi->rpath_is_runpath) {
		l.separators = ":\n";
		l.owner = NULL;
		l.empty_is_cwd = false;
	}
	return l.text && search_walk(s, &l);
}

/* Writes the path of the configuration file to s->path.  It belongs to the libc that is the
 * program's interpreter: for DIR/lib/ld-... it is DIR/etc/...; with another interpreter it is the
 * system's.  false: the path is too long. */
static bool path_file_name(struct search *s)
{
	const struct libc_abi *abi = s->ld->abi;
	const char *interp = s->ld->program ? s->ld->program->interp : NULL;
	size_t n = 0;

	if (interp && interp[0] == '/' && abi->claims && abi->claims(interp))
		for (size_t i = 0, last = 0; interp[i]; i++)
			if (interp[i] == '/')
				n = last, last = i;
	if (n >= PATH_LIMIT)
		return false;
	if (n)
		memcpy(s->path, interp, n);
	return format(s->path + n, PATH_LIMIT - n, "%s", abi->path_file) < PATH_LIMIT - n;
}

/* The list of directories in the configuration file s->path, one per line.  NULL: see
 * search_read_text(); the built-in list replaces an absent file, but not an unreadable one. */
static const char *read_path_file(struct search *s, bool *absent)
{
	char *text = search_read_text(s, absent);

	for (char *p = text; p && *p; p++)
		if (*p == '\n')
			*p = ':';
	return text;
}

/* Searches ldconfig's cache.  Returns whether the search is over. */
static bool search_cache(struct search *s, struct dso *by)
{
	struct loader *ld = s->ld;
	const char *path = NULL;
	struct places *p;
	int r;

	if (!ld->abi->cache_file || ld->config.inhibit_cache || s->visit)
		return false;
	debug(ld, DEBUG_LIBS, " search cache=%s", ld->abi->cache_file);
	p = search_places(s);
	r = p ? ldcache_open(ld, &p->ldcache) : 0;
	if (search_is_shortage(r)) {
		search_skip(s, "%s: %s", ld->abi->cache_file, errno_text(r));
		search_stop_at_shortage(s, r);
	} else if (p) {
		path = ldcache_find(&p->ldcache, s->name, ld);
	}
	if (!path || (by && (by->flags_1 & DF_1_NODEFLIB) && expand_is_default(ld, path)))
		return s->stop;
	if (format(s->path, PATH_LIMIT, "%s", path) < PATH_LIMIT)
		search_try_path(s,
			&(struct search_list){.fits = search_fits_machine, .stage = AUDIT_CONFIG});
	return s->fd >= 0 || s->stop;
}

static bool walk_default(struct search *s)
{
	const struct libc_abi *abi = s->ld->abi;
	struct places *p = search_places(s);
	const char *text = p ? p->path_file : NULL;
	bool absent = true;

	if (!p)
		return true;
	if (!text && abi->path_file && path_file_name(s))
		text = read_path_file(s, &absent);
	if (!text && absent)
		text = search_paths(s->ld)->directories;
	if (!text)
		return s->stop;
	if (abi->path_file)
		p->path_file = text;
	return search_walk(s, &(struct search_list){.text = text,
				      .separators = ":",
				      .from = "default directories",
				      .hwcaps = abi->hwcaps,
				      .fits = search_fits_machine,
				      .stage = AUDIT_DEFAULT});
}

/* ld.so(8): RPATH is used only if the object that needs the library has no RUNPATH, and is
 * inherited; RUNPATH applies to direct dependencies only. */
static bool walk_all(struct search *s, struct dso *by)
{
	struct dso *program = s->ld->program;

	if (!by)
		by = program;
	if (by && !by->runpath) {
		bool seen = false;

		for (struct dso *d = by; d; d = d->needed_by) {
			seen |= d == program;
			if (!d->runpath && walk_rpath(s, d, d->rpath, "RPATH"))
				return true;
		}
		if (!seen && program && !program->runpath &&
			walk_rpath(s, program, program->rpath, "RPATH"))
			return true;
		/* As in ld.so, the program's DT_RUNPATH is for what its auditors need as well. */
		if (by != program && by->ns->auditing && !seen &&
			walk_rpath(s, program, program->runpath, "RUNPATH"))
			return true;
	}
	if (walk_library_path(s) || (by && walk_rpath(s, by, by->runpath, "RUNPATH")))
		return true;
	if (search_cache(s, by))
		return true;
	return !(by && (by->flags_1 & DF_1_NODEFLIB)) && walk_default(s);
}

/* musl: LD_LIBRARY_PATH comes first; RUNPATH and RPATH are treated alike, RUNPATH takes precedence,
 * and both are inherited. */
static bool walk_all_inherited(struct search *s, struct dso *by)
{
	if (walk_library_path(s))
		return true;
	for (; by; by = by->needed_by)
		if (by->runpath ? walk_rpath(s, by, by->runpath, "RUNPATH")
				: walk_rpath(s, by, by->rpath, "RPATH"))
			return true;
	return walk_default(s);
}

/* Reports that no file was found, or that it can't be opened; -1. */
static int not_found(struct search *s, long error, const char *by_path)
{
	const char *more = search_reasons(s);

	if (s->other_class)
		return fail_other_class(s->ld, s->name, s->other_class, by_path, more);
	return fail_to_open(s->ld, s->name, error, by_path, more);
}

/* Opens a library whose name is a path.  -1: reported. */
static int open_library(struct search *s, struct dso *by, const char *by_path)
{
	const char *why =
		expand(s->ld, s->name, strlen(s->name), by ? by : s->ld->program, s->path);
	struct search_list l = {.fits = search_fits_machine};
	int r;

	if (!why && s->ld->config.secure && s->path[0] != '/')
		why = "not an absolute path, in secure mode";
	if (why)
		return fail(s->ld, "%s: %s%s%s", s->name, why, by_path ? ", needed by " : "",
			by_path ? by_path : "");
	r = search_try_path(s, &l);
	if (s->fd >= 0)
		return 0;
	return s->reported ? -1 : not_found(s, r < 0 ? r : NO_SUCH_FILE, by_path);
}

static void walk_for(struct search *s, struct dso *by)
{
	if (s->ld->abi->rpath_is_runpath)
		walk_all_inherited(s, by);
	else
		walk_all(s, by);
}

int search_directories(struct loader *ld, struct dso *by,
	void (*visit)(void *arg, const char *directory), void *arg)
{
	struct found file; /* the configuration file, if it has to be read */
	struct search s = {.ld = ld,
		.name = "",
		.fd = -1,
		.path = search_buffer,
		.found = &file,
		.visit = visit,
		.arg = arg};

	walk_for(&s, by);
	return s.stop ? fail(ld, "%s: cannot determine its search path%s", by->path,
				search_reasons(&s))
		      : 0;
}

/* Whether name is a DT_NEEDED string of d itself, rather than a name given to dlopen. */
static bool has_needed(const struct dso *d, const char *name)
{
	for (size_t i = 0; d && i < d->nneeded; i++)
		if (d->needed[i] == name)
			return true;
	return false;
}

int search_library(struct loader *ld, const char *name, struct dso *by, struct arena *arena,
	struct found *found)
{
	struct search s = {.ld = ld,
		.name = name,
		.fd = -1,
		.path = search_buffer,
		.found = found,
		.by = by,
		.for_library = true};
	const char *by_path = has_needed(by, name) ? by->path : NULL;

	debug(ld, DEBUG_LIBS, "find library=%s [%ld]; searching", name,
		by ? by->ns->id : ld->base.id);
	if (!name[0])
		return fail(ld, "a library with an empty name%s%s", by_path ? ", needed by " : "",
			by_path ? by_path : "");
	if (strchr(name, '/')) {
		if (open_library(&s, by, by_path) < 0)
			return -1;
	} else {
		walk_for(&s, by);
	}
	if (s.fd < 0)
		return s.reported ? -1 : not_found(&s, s.stop ? s.error : NO_SUCH_FILE, by_path);
	debug(ld, DEBUG_LIBS, "%s", "");
	return search_hand_over(&s, arena, found);
}

void search_end(struct loader *ld)
{
	if (ld->places)
		ldcache_close(ld, &ld->places->ldcache);
}
