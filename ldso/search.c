/* search.c: from a needed name to an open file.
 *
 * A search is a walk along lists of directories until a file opens that this machine can load.  No
 * directory is looked at before: the open itself tells (a stat would be one more system call), save
 * in secure mode.  The order of the lists is the world's: gABI chapter 5, "Shared Object
 * Dependencies", as ld.so(8) has it, or musl's, in which RPATH and RUNPATH are one.
 */
#include "mem.h"
#include "search.h"
#include "world.h"

#define PATH_LIMIT      4096  /* the kernel's PATH_MAX, the final 0 included */
#define PATH_FILE_LIMIT 65536 /* bytes of a libc's configuration file that are read */

struct search {
	struct loader *ld;
	const char *name;
	char *skipped; /* "; skipped FILE: REASON" for each, in the scratch arena; NULL: none */
	bool stop;     /* a shortage: looking further might find the wrong file */
	int fd;
	struct file_info info;
	struct found *found; /* whose head is read into */
	char *path;          /* what is tried: PATH_LIMIT bytes */
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

	if (r < 0)
		return r;
	r = sys_fstat(s->fd, &s->info);
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
	} else if (n < (long)sizeof *e || memcmp(e->e_ident, ELFMAG, SELFMAG)) {
		skip(s, "%s: not an ELF file", s->path);
	} else if (e->e_ident[EI_CLASS] != ELF_CLASS) {
		skip(s, "%s: ELF class %u, expected %u", s->path, e->e_ident[EI_CLASS] * 32u,
			ELF_CLASS * 32u);
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

/* --- $ORIGIN and the like --- */

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

	if (d->origin)
		return d->origin;
	/* As PT_INTERP we know the program only as it was typed, which may be a symbolic link. */
	if (d->kind == DSO_PROGRAM && !ld->config.command) {
		n = sys_readlink("/proc/self/exe", link, sizeof link - 1);
		if (n > 0 && link[0] == '/') {
			link[n] = 0;
			path = link;
		}
	}
	if (absolute_directory(path, directory))
		d->origin = heap_strdup(&ld->heap, directory);
	return d->origin;
}

/* A substitution sequence: a dollar sign and the longest name behind it, or a name in braces (gABI
 * 5, "Substitution Sequences").  Returns its length, 0 when it is none. */
static size_t read_token(const char *text, const char *end, const char **name, size_t *len)
{
	bool braces = end - text > 1 && text[1] == '{';
	const char *p = text + 1 + braces;

	for (*name = p; p < end; p++)
		if (!(*p >= 'A' && *p <= 'Z') && !(*p >= 'a' && *p <= 'z') && *p != '_' &&
			!(*p >= '0' && *p <= '9'))
			break;
	*len = (size_t)(p - *name);
	if (braces && (p == end || *p != '}'))
		return 0;
	return (size_t)(p + braces - text);
}

/* What a name stands for: 0 with *value (NULL: the name means nothing and stays as it is), or why
 * it can't be said. */
static const char *token_value(
	struct loader *ld, struct dso *d, const char *name, size_t len, const char **value)
{
	*value = NULL;
	if (len == 6 && !memcmp(name, "ORIGIN", 6)) {
		if (ld->config.secure)
			return "$ORIGIN is refused in secure mode";
		*value = d ? search_origin(ld, d) : NULL;
		return *value ? NULL : "$ORIGIN is unknown";
	}
	if (len == 3 && !memcmp(name, "LIB", 3))
		*value = ARCH_LIB;
	if (len == 8 && !memcmp(name, "PLATFORM", 8)) {
		*value = ld->config.platform;
		return *value && **value ? NULL : "$PLATFORM is unknown";
	}
	return NULL;
}

/* Expands n bytes of text for d into buf (PATH_LIMIT bytes).  NULL, or why it can't be done. */
static const char *expand(struct loader *ld, const char *text, size_t n, struct dso *d, char *buf)
{
	const char *end = text + n;
	size_t used = 0;

	while (text < end) {
		const char *name, *value = NULL, *why;
		size_t len, taken = *text == '$' ? read_token(text, end, &name, &len) : 0;

		if (taken) {
			why = token_value(ld, d, name, len, &value);
			if (why)
				return why;
		}
		if (!value)
			taken = 1;
		len = value ? strlen(value) : 1;
		if (used + len >= PATH_LIMIT)
			return "longer than 4095 bytes";
		memcpy(buf + used, value ? value : text, len);
		used += len;
		text += taken;
	}
	buf[used] = 0;
	return NULL;
}

/* --- lists of directories --- */

struct list {
	const char *text, *separators;
	const char *from;  /* where the list comes from, for LD_DEBUG=libs */
	const char *file;  /* which file it comes from; NULL: from none */
	struct dso *owner; /* $ORIGIN is this object's directory; NULL: nothing is expanded */
	bool empty_is_cwd; /* an empty element means the current directory */
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

/* Tries s->path; leaves the file open in s->fd when it is the one. */
static void try_path(struct search *s, const struct list *l)
{
	int r;

	debug(s->ld, DEBUG_LIBS, "  trying file=%s", s->path);
	r = open_file(s);
	if (r == 0 && l->fits(s))
		return;
	if (r == 0)
		sys_close(s->fd);
	else if (!is_absence(r))
		skip(s, "%s: %s", s->path, open_error(r));
	if (is_shortage(r))
		s->stop = true;
	s->fd = -1;
}

static void try_directory(struct search *s, const struct list *l, const char *dir, size_t n)
{
	const char *why = NULL;
	size_t len;

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
	if (!why && s->ld->config.secure && !is_trusted(s))
		return;
	if (!why) {
		len = strlen(s->path);
		if (len && s->path[len - 1] == '/')
			len--;
		if (format(s->path + len, PATH_LIMIT - len, "/%s", s->name) >= PATH_LIMIT - len)
			why = "longer than 4095 bytes";
	}
	if (why) {
		format(s->path, n < 80 ? n + 1 : 80, "%s", dir);
		skip(s, "%s%s: %s", s->path, n < 80 ? "" : "...", why);
		return;
	}
	try_path(s, l);
}

/* Walks along a list.  True when the search is over: found, or not to be continued. */
static bool walk(struct search *s, const struct list *l)
{
	const char *p = l->text;

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
	struct list l = {text, ":", from, d->path, d, true, check_machine};

	if (s->ld->world->rpath_is_runpath) {
		l.separators = ":\n";
		l.empty_is_cwd = false;
	}
	return text && !is_inhibited(s->ld, d) && walk(s, &l);
}

static bool walk_library_path(struct search *s)
{
	const struct config *c = &s->ld->config;
	struct list l = {c->library_path, ":;", c->library_path_from, NULL, s->ld->program, true,
		check_machine};

	if (s->ld->world->rpath_is_runpath) {
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
	const struct world *w = s->ld->world;
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

/* Reads the world's list of directories, one a line, from s->path.  NULL: there is no such file, or
 * it can't be read: then the reason is remembered, and the built-in list is not taken in its place.
 */
static const char *read_path_file(struct search *s, bool *absent)
{
	int r = open_file(s);
	char *text = NULL;
	long n = 0;

	*absent = is_absence(r);
	if (*absent)
		return NULL;
	if (r == 0) {
		n = s->info.size < PATH_FILE_LIMIT ? (long)s->info.size : PATH_FILE_LIMIT;
		text = heap_alloc(&s->ld->heap, (size_t)n + 1, 0, 0);
		n = text ? sys_pread(s->fd, text, (size_t)n, 0) : -SYS_ENOMEM;
		sys_close(s->fd);
		r = n < 0 ? (int)n : 0;
	}
	s->fd = -1;
	if (r) {
		heap_free(&s->ld->heap, text);
		s->stop = is_shortage(r);
		skip(s, "%s: %s", s->path, open_error(r));
		return NULL;
	}
	for (long i = 0; i < n; i++)
		if (text[i] == '\n')
			text[i] = ':';
	return text;
}

static bool walk_default(struct search *s)
{
	struct loader *ld = s->ld;
	bool absent = true;

	if (!ld->world_path && ld->world->path_file && path_file_name(s))
		ld->world_path = read_path_file(s, &absent);
	if (!ld->world_path && absent)
		ld->world_path = ld->world->default_path;
	if (!ld->world_path)
		return s->stop;
	return walk(s, &(struct list){ld->world_path, ":", "default directories", NULL, NULL, false,
			       check_machine});
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

/* --- the two searches --- */

static int take(struct search *s, struct arena *arena, struct found *found)
{
	found->fd = s->fd;
	found->info = s->info;
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
	if (r)
		return fail(s->ld, "%s: %s%s%s", s->path, open_error(r), needed, by_path);
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

	walk(&s, &(struct list){list, ":\n", "libc", NULL, NULL, false, check_machine});
	return take_if_found(&s, arena, found);
}

int search_library(struct loader *ld, const char *name, struct dso *by, struct arena *arena,
	struct found *found)
{
	char buf[PATH_LIMIT];
	struct search s = {.ld = ld, .name = name, .fd = -1, .path = buf, .found = found};
	const char *needed = by ? ", needed by " : "", *by_path = by ? by->path : "";

	debug(ld, DEBUG_LIBS, "find library=%s; searching", name);
	if (!name[0])
		return fail(ld, "a library with an empty name%s%s", needed, by_path);
	if (strchr(name, '/')) {
		if (open_library(&s, by, needed, by_path) < 0)
			return -1;
	} else if (ld->world->rpath_is_runpath) {
		walk_all_inherited(&s, by);
	} else {
		walk_all(&s, by);
	}
	if (s.fd < 0)
		return fail(ld, "%s: %s%s%s%s", name, s.stop ? "search given up" : "not found",
			needed, by_path, reasons(&s));
	debug(ld, DEBUG_LIBS, "%s", "");
	return take(&s, arena, found);
}

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
		walk(&s, &(struct list){path, ":", "PATH", NULL, NULL, true, check_executable});
	}
	if (s.fd < 0)
		return fail(ld, "%s: not found in PATH (%s)%s", name, path, reasons(&s));
	return take(&s, &ld->permanent, found);
}
