/* pages.c: the snapshot: prelinked pages that starts share; see pages.h. */
#include "cache/pages.h"
#include "base/mem.h"
#include "base/sys.h"
#include "cache/miss.h"
#include "cache/remembered.h"
#include "load/map.h"

#define NO_RANDOM 0x0040000 /* ADDR_NO_RANDOMIZE of personality(2) */

bool pages_may_be_kept(void)
{
	return !arch_under_valgrind() && !(sys_personality() & NO_RANDOM);
}

/* ---- Writing ---- */

int pages_create(struct pages_file *p, const struct store *s)
{
	*p = (struct pages_file){0};
	p->fd = store_create(s, p->name, sizeof p->name);
	return p->fd < 0 ? -1 : 0;
}

int pages_add(struct loader *ld, struct pages_file *p, const struct dso *d)
{
	uintptr_t at;
	size_t len;

	d->remembered->pages = p->size;
	for (unsigned i = 0; map_data(ld, d, i, &at, &len); i++) {
		if (sys_put(p->fd, (const void *)at, len, p->size) < 0)
			return -1;
		p->size += len;
	}
	return 0;
}

int pages_patch(struct loader *ld, struct pages_file *p, const uintptr_t *where)
{
	const struct dso *d = dso_of_address(ld, (uintptr_t)where);
	uint64_t offset = d->remembered->pages;
	uintptr_t at;
	size_t len;

	for (unsigned i = 0; map_data(ld, d, i, &at, &len); i++, offset += len)
		if ((uintptr_t)where - at < len)
			return sys_put(
				p->fd, where, sizeof *where, offset + ((uintptr_t)where - at));
	return 0;
}

int pages_keep(struct pages_file *p, const struct store *s, const char *plan, char name[STORE_NAME],
	struct file_info *info)
{
	int e;

	format(name, STORE_NAME, "%s", plan);
	format(strchr(name, '.'), 20, "-%08x.pages",
		(uint32_t)(sys_clock(SYS_CLOCK_REALTIME) >> 8) ^ (uint32_t)sys_getpid());
	e = store_keep(s, p->name, name);
	if (e == 0)
		e = sys_fstat(p->fd, info);
	sys_close(p->fd);
	p->fd = -1;
	return e < 0 ? -1 : 0;
}

void pages_drop(struct pages_file *p, const struct store *s)
{
	if (p->fd < 0)
		return;
	sys_close(p->fd);
	store_drop(s, p->name);
	p->fd = -1;
}

/* ---- Reading ---- */

/* The kernel chose the snapshot's addresses at random for the start that recorded it; they are used
 * until the next boot only, so that they don't stay the same for long. */
static bool is_of_this_boot(const struct file_info *info)
{
	int64_t now = sys_clock(SYS_CLOCK_REALTIME);

	return info->ctime > now - sys_clock(SYS_CLOCK_BOOTTIME) && info->ctime <= now;
}

static int no_pages(struct loader *ld, int error, const char *why)
{
	miss(ld, "no snapshot: %s", why);
	return error;
}

int pages_open(struct loader *ld, const struct store *s, const struct plan *plan)
{
	const struct plan_pages *p = &plan->head->pages;
	struct file_info info;
	int fd;

	if (!p->name)
		return no_pages(ld, -SYS_ENOENT, "the plan has none");
	/* It takes a library for one when it sees all of its segments mapped from the same file. */
	if (arch_under_valgrind())
		return no_pages(ld, -SYS_EPERM, "valgrind would not know the libraries");
	fd = store_open_file(ld, s, plan->strings + p->name, &info);
	if (fd < 0)
		return no_pages(ld, fd, errno_text(fd));
	if (info.dev == p->dev && info.ino == p->ino && info.size == p->size &&
		info.mtime == p->mtime && info.ctime == p->ctime && is_of_this_boot(&info))
		return fd;
	sys_close(fd);
	if (!is_of_this_boot(&info))
		return no_pages(ld, -SYS_EAGAIN, "it is from before the last boot");
	return no_pages(ld, -SYS_EPERM, "its file has been changed");
}
