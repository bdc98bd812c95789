/* search.c: from a needed name to an open file.
 *
 * A search is a walk along lists of directories until a file opens that this machine can load.  The
 * open itself tells whether a file is there; a directory is only looked at to learn what need not
 * be tried in it again.  The order of the lists is the world's: gABI chapter 5, "Shared Object
 * Dependencies", as ld.so(8) has it, or musl's, in which RPATH and RUNPATH are one.
 */
#include "search/search.h"
#include "search/ldcache.h"
#include "search/expand.h"
#include "search/hwcaps.h"
#include "base/mem.h"
#include "search/trace.h"
#include "state/libc.h"

#define FILE_LIMIT 65536 /* bytes of a configuration file that are read */

/* A directory in which libraries were looked for, in a world that has glibc-hwcaps. */
struct directory {
	struct directory *next;
	bool tried;       /* whether `absent` is known */
	bool absent;      /* when the program started */
	uint32_t subdirs; /* bit i: glibc-hwcaps/NAME is there, NAME being hwcaps->list[i] */
	char path[];
};

/* What is known of the places where libraries lie, in the heap. */
struct places {
	struct cache cache;
	struct directory *directories;
};

struct search {
	struct loader *ld;
	const char *name;
	char *skipped; /* "; skipped FILE: REASON" for each, in the scratch arena; NULL: none */
	bool stop;     /* a shortage: looking further might find the wrong file */
	int fd;
	struct file_info info;
	struct found *found;                             /* whose head is read into */
	void (*visit)(void *arg, const char *directory); /* instead of looking into them; or NULL */
	void *arg;
	char *path; /* what is tried: PATH_LIMIT bytes */
};

static const char *reasons(const struct search *s)
{
	return s->skipped ? s->skipped : "";
}

/* Remembers why a file that was there is not taken. */
__attribute__((format(printf, 2, 3))) static void skip(struct search *s, const char *fmt, ...)
{
	size_t old = strlen(reasons(s)), n;
	va_list args;
	char *text;

	va_start(args, fmt);
	n = format_args(NULL, 0, fmt, args);
	text = arena_alloc(&s->ld->scratch, old + sizeof "; skipped " + n);
	if (text) {
		memcpy(text, reasons(s), old);
		old += format(text + old, sizeof "; skipped ", "; skipped ");
		format_args(text + old, n + 1, fmt, args);
		s->skipped = text;
	}
	va_end(args);
}

/* --- one file --- */

static bool is_absence(int error)
{
	return error == -SYS_ENOENT || error == -SYS_ENOTDIR;
}

static bool is_shortage(int error)
{
	return error == -SYS_EMFILE || error == -SYS_ENFILE || error == -SYS_ENOMEM ||
	       error == -SYS_EIO;
}

/* Opens s->path, a regular file; 0, or what open(2) or fstat(2) said, or 1 for something else. */
static int open_file(struct search *s)
{
	s->found->head_size = 0;
	int r = s->fd = sys_open(s->path);

	if (is_absence(r))
		trace_path(s->ld, s->path, NULL);
	else if (r < 0)
		trace_unrecordable_file(s->ld, s->path, errno_text(r));
	if (r < 0)
		return r;
	r = sys_fstat(s->fd, &s->info);
	if (r == 0)
		trace_path(s->ld, s->path, &s->info);
	if (r == 0 && (s->info.mode & 0170000) == 0100000)
		return 0;
	sys_close(s->fd);
	return r < 0 ? r : 1;
}

static const char *open_error(int error)
{
	return error > 0 ? "not a regular file" : errno_text(error);
}

/* The file's ELF header is one that this machine can load, else the reason is remembered. */
static bool check_machine(struct search *s)
{
	struct found *f = s->found;
	long n = sys_pread(s->fd, f->head, sizeof f->head, 0);
	const Elf_Ehdr *e = (const Elf_Ehdr *)f->head;

	if (n < 0) {
		s->stop = is_shortage((int)n);
		skip(s, "%s: %s", s->path, errno_text(n));
	} else if (n < (long)sizeof *e) {
		skip(s, "%s: file too short", s->path);
	} else if (memcmp(e->e_ident, ELFMAG, SELFMAG)) {
		skip(s, "%s: invalid ELF header", s->path);
	} else if (e->e_ident[EI_CLASS] != ELF_CLASS) {
		skip(s, "%s: wrong ELF class: ELFCLASS%u, expected ELFCLASS%u", s->path,
			e->e_ident[EI_CLASS] * 32u, ELF_CLASS * 32u);
	} else if (e->e_ident[EI_DATA] != ARCH_DATA) {
		skip(s, "%s: ELF data encoding %u, expected %u", s->path, e->e_ident[EI_DATA],
			ARCH_DATA);
	} else if (e->e_machine != ARCH_MACHINE) {
		skip(s, "%s: machine %u, expected %u (%s)", s->path, e->e_machine, ARCH_MACHINE,
			ARCH_NAME);
	} else if (!arch_flags_ok(e->e_flags)) {
		skip(s, "%s: e_flags 0x%x: not the ABI of this machine's programs", s->path,
			e->e_flags);
	} else {
		f->head_size = (size_t)n;
		return true;
	}
	return false;
}

static bool check_executable(struct search *s)
{
	if (s->info.mode & 0111)
		return true;
	skip(s, "%s: not executable (mode %x%x%x)", s->path, s->info.mode >> 6 & 7,
		s->info.mode >> 3 & 7, s->info.mode & 7);
	return false;
}

/* --- $ORIGIN --- */

/* The directory part of path, made absolute, in buf (PATH_LIMIT bytes). */
static bool absolute_directory(const char *path, char *buf)
{
	size_t n = 0;
	char *slash;

	if (path[0] != '/') {
		long r = sys_getcwd(buf, PATH_LIMIT);

		/* A directory outside of our root is told as "(unreachable)/...". */
		if (r <= 1 || buf[0] != '/')
			return false;
		n = (size_t)r - 1;
		if (buf[n - 1] != '/')
			buf[n++] = '/';
		while (path[0] == '.' && path[1] == '/')
			path += 2;
	}
	if (format(buf + n, PATH_LIMIT - n, "%s", path) >= PATH_LIMIT - n)
		return false;
	slash = strrchr(buf, '/');
	slash[slash == buf] = 0;
	return true;
}

const char *search_origin(struct loader *ld, struct dso *d)
{
	char link[PATH_LIMIT], directory[PATH_LIMIT];
	const char *path = d->path;
	long n;

	if (d->state->origin)
		return d->state->origin;
	/* As PT_INTERP we know the program only as it was typed, which may be a symbolic link. */
	if (d->kind == DSO_PROGRAM && !ld->config.command) {
		n = sys_readlink("/proc/self/exe", link, sizeof link - 1);
		if (n > 0 && link[0] == '/') {
			link[n] = 0;
			path = link;
		} else if (ld->config.origin_path) {
			return ld->config.origin_path;
		}
	}
	if (absolute_directory(path, directory))
		d->state->origin = heap_strdup(&ld->heap, directory);
	return d->state->origin;
}

/* --- what is known of directories --- */

static struct places *places(struct search *s)
{
	struct loader *ld = s->ld;

	if (!ld->places)
		ld->places = heap_alloc(&ld->heap, sizeof *ld->places, 0, 0);
	if (!ld->places) {
		s->stop = true;
		skip(s, "all: out of memory");
	}
	return ld->places;
}

static bool is_directory(struct search *s)
{
	struct file_info info;
	int r = sys_stat(s->path, &info);

	if (r == 0 || is_absence(r))
		trace_path(s->ld, s->path, r == 0 ? &info : NULL);
	else
		trace_unrecordable_file(s->ld, s->path, errno_text(r));
	return r == 0 && (info.mode & 0170000) == 0040000;
}

/* Adds n bytes to s->path, of which *len are used; false: they have no room. */
static bool append(struct search *s, size_t *len, const char *text, size_t n)
{
	if (n >= PATH_LIMIT - *len)
		return false;
	memcpy(s->path + *len, text, n);
	*len += n;
	s->path[*len] = 0;
	return true;
}

static bool append_subdir(struct search *s, size_t *len, const struct hwcap *cap)
{
	return append(s, len, "/glibc-hwcaps/", 14) && append(s, len, cap->name, cap->len);
}

/* Which subdirectories of glibc-hwcaps the directory in s->path (len bytes) has.  Nearly all have
 * none: that is one look, not one for each name. */
static uint32_t look_at_subdirs(struct search *s, size_t len)
{
	const struct hwcaps *h;
	uint32_t found = 0;
	size_t n = len;

	if (append(s, &n, "/glibc-hwcaps", 13) && is_directory(s)) {
		h = hwcaps_of(s->ld);
		for (unsigned i = 0; h && i < h->count; i++) {
			n = len;
			if (h->list[i].searched && append_subdir(s, &n, &h->list[i]) &&
				is_directory(s))
				found |= (uint32_t)1 << i;
		}
	}
	s->path[len] = 0;
	return found;
}

/* What is known of the directory in s->path (len bytes); NULL: no memory to remember it. */
static struct directory *directory(struct search *s, size_t len)
{
	struct places *p = places(s);
	struct directory *d;

	if (!p)
		return NULL;
	for (d = p->directories; d; d = d->next)
		if (!strcmp(d->path, s->path))
			return d;
	d = heap_alloc(&s->ld->heap, sizeof *d + len + 1, 0, 0);
	if (d) {
		memcpy(d->path, s->path, len + 1);
		d->subdirs = look_at_subdirs(s, len);
		d->next = p->directories;
		p->directories = d;
	}
	return d;
}

/* A file was not there: perhaps the directory isn't either.  As in glibc that holds for the start:
 * a library more takes no look more. */
static void learn(struct search *s, struct directory *d, size_t len)
{
	if (!d || d->tried || s->ld->started)
		return;
	d->tried = true;
	s->path[len] = 0;
	d->absent = !is_directory(s);
}

/* --- lists of directories --- */

struct list {
	const char *text, *separators;
	const char *from;  /* where the list comes from, for LD_DEBUG=libs */
	const char *file;  /* which file it comes from; NULL: from none */
	struct dso *owner; /* $ORIGIN is this object's directory; NULL: nothing is expanded */
	bool empty_is_cwd; /* an empty element means the current directory */
	bool hwcaps;       /* glibc-hwcaps is looked at in each directory */
	bool (*fits)(struct search *s); /* whether the open file is what we look for */
};

/* In secure mode a directory must be one that only root writes to.  The file's own permissions say
 * nothing: who can write to the directory can put another there. */
static bool is_trusted(struct search *s)
{
	struct file_info info;
	int r;

	if (s->path[0] != '/') {
		skip(s, "%s: not an absolute path, in secure mode", s->path);
		return false;
	}
	r = sys_stat(s->path, &info);
	if (r == 0 && (info.uid || (info.mode & 0002)))
		skip(s, "%s: in secure mode, but writable by others than root", s->path);
	else if (r < 0 && !is_absence(r))
		skip(s, "%s: %s", s->path, errno_text(r));
	return r == 0 && !info.uid && !(info.mode & 0002);
}

/* Tries s->path; leaves the file open in s->fd when it is the one.  What open(2) said. */
static int try_path(struct search *s, const struct list *l)
{
	int r;

	debug(s->ld, DEBUG_LIBS, "  trying file=%s", s->path);
	r = open_file(s);
	if (r == 0 && l->fits(s))
		return 0;
	if (r == 0)
		sys_close(s->fd);
	else if (!is_absence(r))
		skip(s, "%s: %s", s->path, open_error(r));
	if (is_shortage(r))
		s->stop = true;
	s->fd = -1;
	return r;
}

/* Tries the name in the directory in s->path (len bytes), or in the subdirectory of it. */
static int try_name(struct search *s, const struct list *l, size_t len, const struct hwcap *cap)
{
	size_t n = len;

	if ((!cap || append_subdir(s, &n, cap)) && append(s, &n, "/", 1) &&
		append(s, &n, s->name, strlen(s->name)))
		return try_path(s, l);
	s->path[len < 80 ? len : 79] = 0;
	skip(s, "%s%s: longer than 4095 bytes", s->path, len < 80 ? "" : "...");
	return 0;
}

/* The directory in s->path. */
static void try_expanded(struct search *s, const struct list *l)
{
	size_t len = strlen(s->path);
	struct directory *d = NULL;

	if (len && s->path[len - 1] == '/')
		s->path[--len] = 0;
	if (l->hwcaps)
		d = directory(s, len);
	if (s->stop || (d && d->absent && !s->ld->started))
		return;
	for (unsigned i = 0; d && d->subdirs >> i; i++) {
		if (d->subdirs >> i & 1)
			try_name(s, l, len, &s->ld->hwcaps->list[i]);
		if (s->fd >= 0 || s->stop)
			return;
	}
	if (is_absence(try_name(s, l, len, NULL)))
		learn(s, d, len);
}

static void try_directory(struct search *s, const struct list *l, const char *dir, size_t n)
{
	const char *why = NULL;

	if (!n && !l->empty_is_cwd)
		return;
	if (!n)
		dir = ".", n = 1;
	if (l->owner)
		why = expand(s->ld, dir, n, l->owner, s->path);
	else if (n >= PATH_LIMIT)
		why = "longer than 4095 bytes";
	else
		format(s->path, n + 1, "%s", dir);
	if (why) {
		format(s->path, n < 80 ? n + 1 : 80, "%s", dir);
		skip(s, "%s%s: %s", s->path, n < 80 ? "" : "...", why);
	} else if (!s->ld->config.secure || is_trusted(s)) {
		n = strlen(s->path);
		while (n > 1 && s->path[n - 1] == '/')
			s->path[--n] = 0;
		if (s->visit)
			s->visit(s->arg, s->path);
		else
			try_expanded(s, l);
	}
}

/* Walks along a list.  True when the search is over: found, or not to be continued. */
static bool walk(struct search *s, const struct list *l)
{
	const char *p = l->text;

	if (!s->visit)
		debug(s->ld, DEBUG_LIBS, " search path=%s\t\t(%s%s%s)", p, l->from,
			l->file ? " from file " : "", l->file ? l->file : "");
	for (;;) {
		size_t n = 0;

		while (p[n] && !strchr(l->separators, p[n]))
			n++;
		try_directory(s, l, p, n);
		if (s->fd >= 0 || s->stop)
			return true;
		if (!p[n])
			return false;
		p += n + 1;
	}
}

/* --- the lists of a library --- */

static bool is_inhibited(struct loader *ld, const struct dso *d)
{
	const char *p = ld->config.inhibit_rpath;

	while (p && *p) {
		size_t n = 0;

		while (p[n] && p[n] != ':' && p[n] != ' ')
			n++;
		for (const char *name = d->path; name;
			name = name == path_base(name) ? NULL : path_base(name))
			if (strlen(name) == n && !memcmp(name, p, n))
				return true;
		p += n + !!p[n];
	}
	return false;
}

static bool walk_rpath(struct search *s, struct dso *d, const char *text, const char *from)
{
	struct list l = {text, ":", from, d->path, d, true, s->ld->abi->hwcaps, check_machine};

	if (s->ld->abi->rpath_is_runpath) {
		l.separators = ":\n";
		l.empty_is_cwd = false;
	}
	return text && !is_inhibited(s->ld, d) && walk(s, &l);
}

static bool walk_library_path(struct search *s)
{
	const struct config *c = &s->ld->config;
	struct list l = {c->library_path, ":;", c->library_path_from, NULL, s->ld->program, true,
		s->ld->abi->hwcaps, check_machine};

	if (s->ld->abi->rpath_is_runpath) {
		l.separators = ":\n";
		l.owner = NULL;
		l.empty_is_cwd = false;
	}
	return l.text && walk(s, &l);
}

/* The configuration file belongs to the libc that the program names as its interpreter: in
 * DIR/lib/ld-... it is DIR/etc/...; under another interpreter it is the system's. */
static bool path_file_name(struct search *s)
{
	const struct libc_abi *w = s->ld->abi;
	const char *interp = s->ld->program ? s->ld->program->interp : NULL;
	size_t n = 0;

	if (interp && interp[0] == '/' && w->claims && w->claims(interp))
		for (size_t i = 0, last = 0; interp[i]; i++)
			if (interp[i] == '/')
				n = last, last = i;
	if (n >= PATH_LIMIT)
		return false;
	if (n)
		memcpy(s->path, interp, n);
	return format(s->path + n, PATH_LIMIT - n, "%s", w->path_file) < PATH_LIMIT - n;
}

/* Reads a configuration file, s->path, into the heap.  NULL: there is no such file (*absent), or it
 * can't be read, and the reason is remembered. */
static char *read_text(struct search *s, bool *absent)
{
	int r = open_file(s);
	char *text = NULL;
	long n = 0;

	*absent = is_absence(r);
	if (*absent)
		return NULL;
	if (r == 0) {
		n = s->info.size < FILE_LIMIT ? (long)s->info.size : FILE_LIMIT;
		text = heap_alloc(&s->ld->heap, (size_t)n + 1, 0, 0);
		n = text ? sys_pread(s->fd, text, (size_t)n, 0) : -SYS_ENOMEM;
		sys_close(s->fd);
		r = n < 0 ? (int)n : 0;
	}
	s->fd = -1;
	if (r == 0)
		return text;
	heap_free(&s->ld->heap, text);
	s->stop = is_shortage(r);
	skip(s, "%s: %s", s->path, open_error(r));
	return NULL;
}

/* The world's list of directories, one a line, from s->path.  If it can't be read, the built-in
 * list is not taken in its place. */
static const char *read_path_file(struct search *s, bool *absent)
{
	char *text = read_text(s, absent);

	for (char *p = text; p && *p; p++)
		if (*p == '\n')
			*p = ':';
	return text;
}

/* ldconfig's list.  True when the search is over. */
static bool try_cache(struct search *s, struct dso *by)
{
	struct loader *ld = s->ld;
	const char *path = NULL;
	struct places *p;
	int r;

	if (!ld->abi->cache_file || ld->config.inhibit_cache || s->visit)
		return false;
	debug(ld, DEBUG_LIBS, " search cache=%s", ld->abi->cache_file);
	p = places(s);
	r = p ? cache_open(ld, &p->cache) : 0;
	if (is_shortage(r)) {
		skip(s, "%s: %s", ld->abi->cache_file, errno_text(r));
		s->stop = true;
	} else if (p) {
		path = cache_find(&p->cache, s->name, ld);
	}
	if (!path || (by && (by->flags_1 & DF_1_NODEFLIB) && expand_is_default(ld, path)))
		return s->stop;
	if (format(s->path, PATH_LIMIT, "%s", path) < PATH_LIMIT)
		try_path(s, &(struct list){.fits = check_machine});
	return s->fd >= 0 || s->stop;
}

static bool walk_default(struct search *s)
{
	struct loader *ld = s->ld;
	bool absent = true;

	if (!ld->world_path && ld->abi->path_file && path_file_name(s))
		ld->world_path = read_path_file(s, &absent);
	if (!ld->world_path && absent)
		ld->world_path = ld->abi->default_path;
	if (!ld->world_path)
		return s->stop;
	return walk(s, &(struct list){ld->world_path, ":", "default directories", NULL, NULL, false,
			       ld->abi->hwcaps, check_machine});
}

/* ld.so(8): RPATH counts only while the object that needs the library has no RUNPATH, and is
 * inherited; RUNPATH serves the direct needs alone. */
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
	}
	if (walk_library_path(s) || (by && walk_rpath(s, by, by->runpath, "RUNPATH")))
		return true;
	if (try_cache(s, by))
		return true;
	return !(by && (by->flags_1 & DF_1_NODEFLIB)) && walk_default(s);
}

/* musl: the environment first; RUNPATH and RPATH are the same, RUNPATH wins, and both are
 * inherited. */
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

/* --- libraries --- */

static int take(struct search *s, struct arena *arena, struct found *found)
{
	found->fd = s->fd;
	found->info = s->info;
	found->place = NULL;
	found->path = arena_strdup(arena, s->path);
	if (found->path)
		return 0;
	sys_close(s->fd);
	return fail(s->ld, "%s: out of memory for its path", s->path);
}

static int open_library(struct search *s, struct dso *by, const char *needed, const char *by_path)
{
	const char *why =
		expand(s->ld, s->name, strlen(s->name), by ? by : s->ld->program, s->path);
	int r;

	if (!why && s->ld->config.secure && s->path[0] != '/')
		why = "not an absolute path, in secure mode";
	if (why)
		return fail(s->ld, "%s: %s%s%s", s->name, why, needed, by_path);
	debug(s->ld, DEBUG_LIBS, "  trying file=%s", s->path);
	r = open_file(s);
	if (is_absence(r))
		return fail(s->ld, "%s: %s%s%s", s->path, s->ld->abi->not_found, needed, by_path);
	if (r)
		return fail(s->ld, "%s: cannot open shared object file: %s%s%s", s->path,
			open_error(r), needed, by_path);
	return 0;
}

/* What a search for a file that may well be absent ends with. */
static int take_if_found(struct search *s, struct arena *arena, struct found *found)
{
	if (s->fd >= 0)
		return take(s, arena, found);
	return s->stop ? fail(s->ld, "%s: search given up%s", s->name, reasons(s)) : 1;
}

int search_open(struct loader *ld, const char *path, struct arena *arena, struct found *found)
{
	char buf[PATH_LIMIT];
	struct search s = {.ld = ld, .name = path, .fd = -1, .path = buf, .found = found};

	if (format(buf, sizeof buf, "%s", path) < sizeof buf)
		try_path(&s, &(struct list){.fits = check_machine});
	return take_if_found(&s, arena, found);
}

int search_list(struct loader *ld, const char *name, const char *list, struct arena *arena,
	struct found *found)
{
	char buf[PATH_LIMIT];
	struct search s = {.ld = ld, .name = name, .fd = -1, .path = buf, .found = found};

	walk(&s, &(struct list){list, ":\n", "libc", NULL, NULL, false, false, check_machine});
	return take_if_found(&s, arena, found);
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
	char buf[PATH_LIMIT];
	struct search s = {.ld = ld, .name = "", .fd = -1, .path = buf, .visit = visit, .arg = arg};

	walk_for(&s, by);
	return s.stop ? fail(ld, "%s: its search path cannot be told%s", by->path, reasons(&s)) : 0;
}

/* By a DT_NEEDED of its own, rather than by a call of dlopen. */
static bool needs(const struct dso *d, const char *name)
{
	for (size_t i = 0; d && i < d->nneeded; i++)
		if (d->needed[i] == name)
			return true;
	return false;
}

int search_library(struct loader *ld, const char *name, struct dso *by, struct arena *arena,
	struct found *found)
{
	char buf[PATH_LIMIT];
	struct search s = {.ld = ld, .name = name, .fd = -1, .path = buf, .found = found};
	const char *needed = needs(by, name) ? ", needed by " : "",
		   *by_path = *needed ? by->path : "";

	debug(ld, DEBUG_LIBS, "find library=%s; searching", name);
	if (!name[0])
		return fail(ld, "a library with an empty name%s%s", needed, by_path);
	if (strchr(name, '/')) {
		if (open_library(&s, by, needed, by_path) < 0)
			return -1;
	} else {
		walk_for(&s, by);
	}
	if (s.fd < 0)
		return fail(ld, "%s: %s%s%s%s", name,
			s.stop ? "search given up" : ld->abi->not_found, needed, by_path,
			reasons(&s));
	debug(ld, DEBUG_LIBS, "%s", "");
	return take(&s, arena, found);
}

/* --- what is preloaded --- */

/* ld.so(8): in secure mode only a library with the set-user-ID bit may be preloaded, by which its
 * owner says that it is safe. */
static bool may_be_preloaded(struct search *s)
{
	return s->info.mode & 04000 && check_machine(s);
}

/* Adds the path of s->name in the default directories to the list. */
static char *add_trusted(struct search *s, char *list)
{
	size_t old = list ? strlen(list) + 1 : 0, n;
	struct list l = {.text = s->ld->abi->default_path,
		.separators = ":",
		.from = "default directories, for LD_PRELOAD",
		.fits = may_be_preloaded};
	char *longer;

	if (!walk(s, &l) || s->fd < 0)
		return list;
	sys_close(s->fd);
	n = strlen(s->path) + 1;
	longer = arena_alloc(&s->ld->scratch, old + n);
	if (!longer)
		return list;
	if (old) {
		memcpy(longer, list, old);
		longer[old - 1] = ':';
	}
	memcpy(longer + old, s->path, n);
	return longer;
}

const char *search_preload(struct loader *ld)
{
	const char *p = ld->config.secure_preload;
	char *list = NULL, name[256], buf[PATH_LIMIT];
	struct found found;

	if (!ld->config.secure)
		return ld->config.preload;
	while (p && *p) {
		struct search s = {.ld = ld, .name = name, .fd = -1, .path = buf, .found = &found};
		size_t n = 0;

		while (p[n] && p[n] != ':' && p[n] != ' ')
			n++;
		if (n && n < sizeof name) {
			memcpy(name, p, n);
			name[n] = 0;
			if (!strchr(name, '/'))
				list = add_trusted(&s, list);
		}
		p += n + !!p[n];
	}
	return list;
}

const char *search_preload_file(struct loader *ld)
{
	char buf[PATH_LIMIT], *text;
	struct found found;
	struct search s = {.ld = ld, .fd = -1, .path = buf, .found = &found};
	bool absent, comment = false;

	if (!ld->abi->preload_file)
		return NULL;
	format(buf, sizeof buf, "%s", ld->abi->preload_file);
	text = read_text(&s, &absent);
	if (!text && !absent) {
		trace_unrecordable(ld, "a warning");
		print(2, "myld.so: nothing is preloaded%s\n", reasons(&s));
	}
	for (char *p = text; p && *p; p++) {
		comment = *p == '#' || (comment && *p != '\n');
		if (comment || *p == '\n' || *p == '\t')
			*p = ' ';
	}
	return text;
}

/* --- the program --- */

int search_program(struct loader *ld, const char *name, struct found *found)
{
	char buf[PATH_LIMIT];
	struct search s = {.ld = ld, .name = name, .fd = -1, .path = buf, .found = found};
	const char *path = config_getenv(&ld->config, "PATH");
	int r;

	if (!path)
		path = "/usr/local/bin:/bin:/usr/bin";
	if (strchr(name, '/')) {
		if (format(buf, sizeof buf, "%s", name) >= sizeof buf)
			return fail(ld, "%s: longer than 4095 bytes", name);
		r = open_file(&s);
		if (r)
			return fail(ld, "%s: %s", name, open_error(r));
	} else if (name[0]) {
		walk(&s, &(struct list){
				 path, ":", "PATH", NULL, NULL, true, false, check_executable});
	}
	if (s.fd < 0)
		return fail(ld, "%s: not found in PATH (%s)%s", name, path, reasons(&s));
	return take(&s, &ld->permanent, found);
}
