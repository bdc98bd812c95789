/* store.c: the directories in which starts are remembered; see store.h.
 *
 * Files do not change once they have their name: a writer fills a file of its own and renames it.
 * So a reader that has one open, or mapped, has all of it, whatever becomes of the name.
 */
#include "store.h"
#include "mem.h"

#define TEMPORARY  ".new-"
#define LEFT_AFTER ((int64_t)60 * 1000000000) /* nanoseconds after which no writer is at it */
#define WALK_LIMIT 100000                     /* files that are looked at */

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

static bool is_trusted(const struct loader *ld, const struct file_info *info, bool own)
{
	if (info->uid && (ld->config.secure || info->uid != ld->config.euid))
		return false;
	return !(info->mode & (own ? 0077 : 0022));
}

/* The user's is mode 0700: what a program was linked with is nobody else's business. */
int store_open(const struct loader *ld, enum store_place place, struct store *s)
{
	char path[4096];
	struct file_info info;
	int e;

	if (!store_path(ld, place, path, sizeof path))
		return -SYS_ENOENT;
	s->own = place == STORE_USER;
	s->dir = sys_open_directory(path);
	if (s->dir < 0)
		return s->dir;
	e = sys_fstat(s->dir, &info);
	if (e == 0 && (!is_trusted(ld, &info, s->own) || (!s->own && info.uid)))
		e = -SYS_EPERM;
	if (e < 0)
		sys_close(s->dir);
	return e;
}

void store_close(struct store *s)
{
	sys_close(s->dir);
}

bool store_is_writable(const struct store *s)
{
	return sys_may_write_in(s->dir) == 0;
}

/* ---- Reading ---- */

int store_open_file(
	const struct loader *ld, const struct store *s, const char *name, struct file_info *info)
{
	int fd = sys_open_in(s->dir, name), e;

	if (fd < 0)
		return fd;
	e = sys_fstat(fd, info);
	if (e == 0 && ((info->mode & 0170000) != 0100000 || !is_trusted(ld, info, false)))
		e = -SYS_EPERM;
	if (e == 0)
		return fd;
	sys_close(fd);
	return e;
}

static const struct vm_owner store_owner = {.name = "[myld.so: cache]"};

int store_map(struct loader *ld, const struct store *s, const char *name, struct store_file *f)
{
	struct vm_what what = {.kind = VM_FILE, .prot = VM_R, .owner = &store_owner};
	struct file_info info;
	uintptr_t at;
	int fd = store_open_file(ld, s, name, &info), e = fd < 0 ? fd : -SYS_EINVAL;

	if (fd < 0)
		return e;
	what.dev = info.dev;
	what.ino = info.ino;
	f->size = info.size;
	if (info.size && info.size <= SIZE_MAX / 2)
		e = vm_map(&ld->vm, 0, (f->size + ld->config.page - 1) & -ld->config.page, &what,
			fd, &at);
	if (e == 0)
		f->data = (const char *)at;
	sys_close(fd);
	return e;
}

void store_unmap(struct loader *ld, struct store_file *f)
{
	vm_unmap(&ld->vm, (uintptr_t)f->data, (f->size + ld->config.page - 1) & -ld->config.page);
	f->data = NULL;
}

/* ---- Writing ---- */

int store_create(const struct store *s, char *name, size_t n)
{
	long pid = sys_getpid();
	int fd = -SYS_EEXIST;

	/* Writers in other PID namespaces may have the same number. */
	for (unsigned i = 0; fd == -SYS_EEXIST && i < 100; i++) {
		format(name, n, TEMPORARY "%ld-%u", pid, i);
		fd = sys_create_in(s->dir, name);
	}
	return fd;
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

/* ---- All files ---- */

/* What getdents64(2) writes. */
struct entry {
	uint64_t ino;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

static void visit_entry(const struct loader *ld, const struct store *s, const char *name,
	void (*visit)(void *arg, const char *name, const struct file_info *info), void *arg)
{
	struct file_info info;
	int fd = strlen(name) < STORE_NAME ? store_open_file(ld, s, name, &info) : -1;

	if (fd < 0)
		return;
	sys_close(fd);
	visit(arg, name, &info);
}

int store_walk(const struct loader *ld, const struct store *s,
	void (*visit)(void *arg, const char *name, const struct file_info *info), void *arg)
{
	_Alignas(struct entry) char buf[4096];
	int fd = sys_open_in(s->dir, "."), seen = 0;
	long n;

	if (fd < 0)
		return fd;
	while ((n = sys_list(fd, buf, sizeof buf)) > 0 && seen < WALK_LIMIT)
		for (long at = 0; at < n; seen++) {
			const struct entry *e = (const void *)(buf + at);

			visit_entry(ld, s, e->name, visit, arg);
			at += e->size;
		}
	sys_close(fd);
	return n < 0 ? (int)n : 0;
}

/* ---- Room ---- */

struct tally {
	const struct store *store;
	const char *plan, *pages;
	int64_t now;
	uint64_t bytes;
	int64_t oldest;
	char name[STORE_NAME];
};

static void count(void *arg, const char *name, const struct file_info *info)
{
	struct tally *t = arg;
	size_t key = (size_t)(strchr(t->plan, '.') - t->plan);

	if (!strncmp(name, TEMPORARY, sizeof TEMPORARY - 1)) {
		if (t->now - info->mtime > LEFT_AFTER)
			store_drop(t->store, name);
		return;
	}
	if (strcmp(name, t->pages) && !strncmp(name, t->plan, key) && name[key] == '-') {
		store_drop(t->store, name);
		return;
	}
	t->bytes += info->size;
	if (!t->name[0] || info->mtime < t->oldest) {
		t->oldest = info->mtime;
		format(t->name, sizeof t->name, "%s", name);
	}
}

/* A walk for each file that goes: rare, and short lists need no memory. */
void store_trim(const struct loader *ld, const struct store *s, uint64_t limit, const char *plan,
	const char *pages)
{
	for (int i = 0; i < 1000; i++) {
		struct tally t = {.store = s,
			.plan = plan,
			.pages = pages,
			.now = sys_clock(SYS_CLOCK_REALTIME)};

		if (store_walk(ld, s, count, &t) < 0 || t.bytes <= limit || !t.name[0])
			return;
		store_drop(s, t.name);
	}
}
