/* store.c: the cache directories; see store.h.
 *
 * Files do not change once they have their name: a writer fills a temporary file and renames it.
 * So a reader that has a file open, or mapped, has all of it, even if the name is replaced or
 * removed.
 */
#include "cache/store.h"
#include "base/mem.h"
#include "memory/file_map.h"

#define TEMPORARY  ".new-"
#define STALE_AGE  ((int64_t)60 * 1000000000) /* nanoseconds; a writer does not take that long */
#define WALK_LIMIT 100000                     /* names that are visited */
#define SMALL      ((uint64_t)24 << 10)       /* bytes; copying is faster than mapping up to here */

/* ---- Where ---- */

bool store_path(const struct loader *ld, enum store_place place, char *path, size_t n)
{
	const char *home;

	if (place == STORE_SYSTEM)
		return format(path, n, "/var/cache/myld") < n;
	if (ld->config.secure)
		return false;
	home = config_getenv(&ld->config, "XDG_CACHE_HOME");
	if (home && home[0] == '/')
		return format(path, n, "%s/myld", home) < n;
	home = config_getenv(&ld->config, "HOME");
	return home && home[0] == '/' && format(path, n, "%s/.cache/myld", home) < n;
}

/* Whether a directory or a file in it is trusted: it belongs to root or the user, and others cannot
 * write to it.  own: the user's directory, which must have mode 0700, because lists of dependencies
 * are private. */
static bool is_trusted(const struct loader *ld, const struct file_info *info, bool own)
{
	if (info->uid && (ld->config.secure || info->uid != ld->config.euid))
		return false;
	return !(info->mode & (own && info->uid == ld->config.euid ? 0077 : 0022));
}

/* Whether a directory of root's can be relied on.  On a medium that a user brings along or mounts,
 * files may have any owner; such mounts have nosuid and nodev (mount(8), "user"; fusermount).  The
 * user's store is where variables say, and a set-user-ID program may run others with its caller's
 * variables.  The system's is where root has put it. */
static bool is_roots(const struct store *s)
{
	return !s->info.uid && !(s->own && sys_is_restricted_mount(s->dir));
}

static bool is_directory(const struct file_info *info)
{
	return (info->mode & FILE_TYPE) == FILE_DIRECTORY;
}

/* Everything is checked by the open descriptor, since the path may lead elsewhere a moment later.
 * If the last component is a symbolic link it is not followed: in a directory that others can write
 * to (XDG_CACHE_HOME in /tmp, for example) it could lead to any directory of the user's. */
int store_open(const struct loader *ld, enum store_place place, struct store *s)
{
	static char path[STORE_PATH]; /* stacks may be small */
	int e;

	*s = (struct store){.dir = -1, .own = place == STORE_USER};
	if (!store_path(ld, place, path, sizeof path))
		return -SYS_ENOENT;
	s->dir = sys_open_path(path);
	if (s->dir < 0)
		return s->dir;
	e = sys_fstat(s->dir, &s->info);
	if (e == 0 && (!is_directory(&s->info) || !is_trusted(ld, &s->info, s->own) ||
			      ((!s->own || !s->info.uid) && !is_roots(s))))
		e = -SYS_EPERM;
	if (e < 0)
		sys_close(s->dir);
	return e;
}

/* In the form of chmod(1). */
static void mode_text(const struct file_info *info, char text[5])
{
	format(text, 5, "%x%x%x%x", info->mode >> 9 & 7, info->mode >> 6 & 7, info->mode >> 3 & 7,
		info->mode & 7);
}

static void describe_untrusted(const struct loader *ld, const struct store *s, char *text, size_t n)
{
	char mode[5];

	mode_text(&s->info, mode);
	if ((s->info.mode & FILE_TYPE) == FILE_LINK)
		format(text, n, "a symbolic link, expected a directory");
	else if (!is_directory(&s->info))
		format(text, n, "not a directory");
	else if (!s->info.uid && is_trusted(ld, &s->info, s->own))
		format(text, n, "owner 0, mode %s: not trusted on a mount with nosuid or nodev",
			mode);
	else if (s->own && ld->config.euid)
		format(text, n,
			"owner %u, mode %s: expected owner %u and mode 0700, or owner 0 and mode "
			"0755",
			s->info.uid, mode, ld->config.euid);
	else
		format(text, n, "owner %u, mode %s: expected owner 0 and mode %s", s->info.uid,
			mode, s->own ? "0700" : "0755");
}

void store_describe(const struct loader *ld, const struct store *s, int e, char *text)
{
	char path[STORE_PATH], mode[5];
	size_t n = STORE_TEXT;

	if (!store_path(ld, s->own ? STORE_USER : STORE_SYSTEM, path, sizeof path)) {
		format(text, n, "neither XDG_CACHE_HOME nor HOME is an absolute path");
		return;
	}
	n -= format(text, n, "%s: ", path);
	text += strlen(text);
	if (e == -SYS_ENOENT)
		format(text, n, "does not exist (myld.so --cache enable%s creates it)",
			s->own ? "" : " --system");
	else if (e == -SYS_EPERM)
		describe_untrusted(ld, s, text, n);
	else if (e < 0)
		format(text, n, "%s", errno_text(e));
	else {
		mode_text(&s->info, mode);
		format(text, n, "owner %u, mode %s%s", s->info.uid, mode,
			store_is_writable(s) ? "" : ", read-only for this user");
	}
}

void store_close(struct store *s)
{
	if (s->dir >= 0)
		sys_close(s->dir);
	s->dir = -1;
}

int store_reopen(const struct loader *ld, struct store *s)
{
	struct store again;
	int e;

	if (s->dir >= 0)
		return 0;
	e = store_open(ld, s->own ? STORE_USER : STORE_SYSTEM, &again);
	if (e < 0)
		return e;
	if (again.info.dev != s->info.dev || again.info.ino != s->info.ino) {
		store_close(&again);
		return -SYS_ENOENT;
	}
	s->dir = again.dir;
	return 0;
}

bool store_is_writable(const struct store *s)
{
	return sys_may_write_in(s->dir) == 0;
}

bool store_search(struct loader *ld,
	bool (*try)(struct loader *ld, const struct store *s, void *arg), void *arg,
	struct store *writable)
{
	bool found = false;

	writable->dir = -1;
	for (enum store_place place = STORE_USER; place <= STORE_SYSTEM && !found; place++) {
		struct store s;

		if (store_open(ld, place, &s) < 0)
			continue;
		found = try(ld, &s, arg);
		if (!found && writable->dir < 0 && store_is_writable(&s))
			*writable = s;
		else
			store_close(&s);
	}
	if (found && writable->dir >= 0)
		store_close(writable);
	if (found)
		writable->dir = -1;
	return found;
}

/* ---- Reading ---- */

int store_open_file(
	const struct loader *ld, const struct store *s, const char *name, struct file_info *info)
{
	int fd = sys_open_in(s->dir, name), e;

	if (fd < 0)
		return fd;
	e = sys_fstat(fd, info);
	if (e == 0 && ((info->mode & FILE_TYPE) != FILE_REGULAR || !is_trusted(ld, info, false)))
		e = -SYS_EPERM;
	if (e == 0)
		return fd;
	sys_close(fd);
	return e;
}

static const struct vm_owner store_owner = {.name = "[myld.so: cache]"};

static int map_file(struct loader *ld, int fd, const struct file_info *info, struct store_file *f)
{
	*f = (struct store_file){.size = info->size};
	return file_map(&ld->vm, fd, info, &store_owner, &f->data);
}

static int copy_file(struct loader *ld, int fd, const struct file_info *info, struct store_file *f)
{
	char *data = heap_alloc(&ld->heap, info->size, 0, 0);
	long n = data ? sys_pread(fd, data, info->size, 0) : -SYS_ENOMEM;

	*f = (struct store_file){data, info->size, true};
	if (n == (long)info->size)
		return 0;
	heap_free(&ld->heap, data);
	return n < 0 ? (int)n : -SYS_EIO;
}

int store_map(struct loader *ld, const struct store *s, const char *name, struct store_file *f)
{
	struct file_info info;
	int fd = store_open_file(ld, s, name, &info), e;

	if (fd < 0)
		return fd;
	e = map_file(ld, fd, &info, f);
	sys_close(fd);
	return e;
}

int store_read(struct loader *ld, const struct store *s, const char *name, struct store_file *f)
{
	struct file_info info;
	int fd = store_open_file(ld, s, name, &info), e;

	if (fd < 0)
		return fd;
	e = (info.size <= SMALL ? copy_file : map_file)(ld, fd, &info, f);
	sys_close(fd);
	return e;
}

void store_unmap(struct loader *ld, struct store_file *f)
{
	if (f->copied)
		heap_free(&ld->heap, (void *)f->data);
	else
		file_unmap(&ld->vm, f->data, f->size);
	f->data = NULL;
}

/* ---- Writing ---- */

/* Files of the system's store are world-readable, regardless of umask(2), unless they tell of a
 * program that is not. */
int store_create(const struct store *s, char *name, size_t n)
{
	long pid = sys_getpid();
	int fd = -SYS_EEXIST, e = 0;

	/* Writers in other PID namespaces may have the same number. */
	for (unsigned i = 0; fd == -SYS_EEXIST && i < 100; i++) {
		format(name, n, TEMPORARY "%ld-%u", pid, i);
		fd = sys_create_in(s->dir, name);
	}
	if (fd >= 0 && !s->own && !s->secret)
		e = sys_fchmod(fd, 0644);
	if (e == 0)
		return fd;
	sys_close(fd);
	store_drop(s, name);
	return e;
}

int store_keep(const struct store *s, const char *name, const char *as)
{
	int e = sys_rename_in(s->dir, name, as);

	if (e < 0)
		store_drop(s, name);
	return e;
}

void store_drop(const struct store *s, const char *name)
{
	sys_unlink_in(s->dir, name);
}

int store_put(const struct store *s, const void *data, size_t n, const char *as)
{
	char name[STORE_NAME];
	int fd = store_create(s, name, sizeof name), e;

	if (fd < 0)
		return fd;
	e = sys_put(fd, data, n, 0);
	sys_close(fd);
	if (e == 0)
		return store_keep(s, name, as);
	store_drop(s, name);
	return e;
}

/* ---- Names ---- */

static bool is_hex(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("0123456789abcdef", name[i]) || !name[i])
			return false;
	return true;
}

enum store_kind store_kind(const char *name)
{
	if (!strncmp(name, TEMPORARY, sizeof TEMPORARY - 1))
		return STORE_TEMPORARY;
	if (!strcmp(name, STORE_LIMIT_FILE))
		return STORE_SETTING;
	if (!is_hex(name, STORE_KEY))
		return STORE_FOREIGN;
	if (!strcmp(name + STORE_KEY, ".plan"))
		return STORE_PLAN;
	if (!strcmp(name + STORE_KEY, ".open"))
		return STORE_OPEN;
	return name[STORE_KEY] == '-' ? STORE_PAGES : STORE_FOREIGN;
}

/* Whether name is that of a plan or of pages, and has the same key as the other name. */
bool store_is_of_key(const char *name, const char *other)
{
	enum store_kind kind = store_kind(name);

	return (kind == STORE_PLAN || kind == STORE_PAGES) && !strncmp(name, other, STORE_KEY);
}

/* ---- All files ---- */

/* struct linux_dirent64 of getdents64(2). */
struct entry {
	uint64_t ino;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

int store_names(const struct store *s, void (*visit)(void *arg, const char *name), void *arg)
{
	static _Alignas(struct entry) char buf[4096]; /* stacks may be small */
	int fd = sys_open_in(s->dir, "."), seen = 0;
	long n;

	if (fd < 0)
		return fd;
	while ((n = sys_list(fd, buf, sizeof buf)) > 0 && seen < WALK_LIMIT)
		for (long at = 0; at < n; seen++) {
			const struct entry *e = (const void *)(buf + at);

			if (strlen(e->name) < STORE_NAME)
				visit(arg, e->name);
			at += e->size;
		}
	sys_close(fd);
	return n < 0 ? (int)n : 0;
}

struct visit_files {
	const struct loader *ld;
	const struct store *store;
	void (*visit)(void *arg, const char *name, const struct file_info *info);
	void *arg;
};

static void visit_name(void *arg, const char *name)
{
	const struct visit_files *w = arg;
	struct file_info info;
	int fd = store_open_file(w->ld, w->store, name, &info);

	if (fd < 0)
		return;
	sys_close(fd);
	w->visit(w->arg, name, &info);
}

int store_walk(const struct loader *ld, const struct store *s,
	void (*visit)(void *arg, const char *name, const struct file_info *info), void *arg)
{
	struct visit_files w = {ld, s, visit, arg};

	return store_names(s, visit_name, &w);
}

/* ---- Size ---- */

bool store_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMG";
	uint64_t n = 0;
	const char *p = text, *unit;

	while (*p >= '0' && *p <= '9' && n < ((uint64_t)1 << 40))
		n = 10 * n + (uint64_t)(*p++ - '0');
	unit = *p ? strchr(units, *p) : NULL;
	if (unit) {
		n <<= 10 * (unit - units + 1);
		p++;
	}
	if (*p == '\n')
		p++;
	*bytes = n;
	return text[0] >= '0' && text[0] <= '9' && !*p;
}

uint64_t store_limit(const struct loader *ld, const struct store *s)
{
	char text[32];
	struct file_info info;
	uint64_t bytes;
	int fd = store_open_file(ld, s, STORE_LIMIT_FILE, &info);
	long n = fd < 0 ? fd : sys_pread(fd, text, sizeof text - 1, 0);

	if (fd >= 0)
		sys_close(fd);
	text[n < 0 ? 0 : n] = 0;
	return store_size(text, &bytes) ? bytes : STORE_LIMIT;
}

struct tally {
	const struct store *store;
	const char *plan, *pages;
	int64_t now;
	uint64_t bytes;
	int64_t oldest;
	char name[STORE_NAME];
};

/* Removes obsolete files; adds up the sizes of the others and finds the oldest. */
static void tally_file(void *arg, const char *name, const struct file_info *info)
{
	struct tally *t = arg;
	enum store_kind kind = store_kind(name);

	if ((kind == STORE_TEMPORARY && t->now - info->mtime > STALE_AGE) ||
		(kind == STORE_PAGES && strcmp(name, t->pages) && store_is_of_key(name, t->plan))) {
		store_drop(t->store, name);
		return;
	}
	if (kind != STORE_PLAN && kind != STORE_PAGES && kind != STORE_OPEN)
		return;
	t->bytes += info->size;
	if (!t->name[0] || info->mtime < t->oldest) {
		t->oldest = info->mtime;
		format(t->name, sizeof t->name, "%s", name);
	}
}

static void drop_of_key(void *arg, const char *name, const struct file_info *info)
{
	const struct tally *t = arg;

	(void)info;
	if (!strcmp(name, t->name) ||
		(store_kind(t->name) != STORE_OPEN && store_is_of_key(name, t->name)))
		store_drop(t->store, name);
}

/* Takes two walks for each plan that is removed: that is rare, and needs no memory.  The age is
 * that of the writing: using a plan leaves no trace in the directory. */
void store_trim(const struct loader *ld, const struct store *s, const char *plan, const char *pages)
{
	uint64_t limit = store_limit(ld, s);

	for (int i = 0; i < 1000; i++) {
		struct tally t = {.store = s,
			.plan = plan,
			.pages = pages,
			.now = sys_clock(SYS_CLOCK_REALTIME)};

		if (store_walk(ld, s, tally_file, &t) < 0 || t.bytes <= limit || !t.name[0] ||
			store_walk(ld, s, drop_of_key, &t) < 0)
			return;
	}
}
