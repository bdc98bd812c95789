/* print_maps.c: the registry as text, and its comparison with the kernel's list.
 *
 * myld_maps() and myld_check_maps() are exported for debugging: a program that declares them weakly
 * can inspect its own loader.
 */
#include "cli/print_maps.h"
#include "base/sys.h"
#include "vm/maps.h"

#define EXPORTED __attribute__((visibility("default")))

static const char *kind_name(enum vm_kind kind)
{
	static const char names[][12] = {[VM_FILE] = "file",
		[VM_ANON] = "memory",
		[VM_TLS] = "tls",
		[VM_STACK] = "stack",
		[VM_HEAP] = "heap",
		[VM_VDSO] = "vdso",
		[VM_VVAR] = "vvar",
		[VM_GUARD] = "guard",
		[VM_RESERVED] = "reserved"};

	return names[kind];
}

/* The usual name of this part of an object. */
static const char *segment_name(const struct vm_what *w)
{
	if (w->kind == VM_RESERVED)
		return "hole";
	if (w->prot & VM_X)
		return "text";
	if (w->prot & VM_W)
		return w->kind == VM_FILE ? "data" : "bss";
	return w->flags & VM_ACCOUNTED ? "relro" : "rodata";
}

static void print_size(int fd, uintptr_t bytes)
{
	if (bytes >= (uintptr_t)10 << 20)
		print(fd, "%6zuM", (size_t)(bytes >> 20));
	else
		print(fd, "%6zuK", (size_t)(bytes >> 10));
}

static void print_area(const struct loader *ld, int fd, const struct vm_area *a)
{
	const struct vm_what *w = &a->what;
	bool object = false;

	for (const struct dso *d = ld->first; d; d = dso_next(d))
		object |= w->owner == &d->owner;
	print(fd, "%012lx-%012lx %c%c%c ", a->start, a->end, w->prot & VM_R ? 'r' : '-',
		w->prot & VM_W ? 'w' : '-', w->prot & VM_X ? 'x' : '-');
	print_size(fd, a->end - a->start);
	print(fd, "  %-8s  %-6s  %s\n", kind_name(w->kind),
		object && w->kind != VM_VDSO ? segment_name(w) : "",
		w->owner ? w->owner->name : "(the process)");
}

static long read_fd(void *ctx, void *buf, size_t n)
{
	return sys_read(*(int *)ctx, buf, n);
}

/* Calls work() with /proc/self/maps as the source and returns its result; -1 if that can't be
 * opened. */
static long with_maps(
	struct loader *ld, long (*work)(struct loader *, struct vm_source *, void *), void *arg)
{
	int fd = sys_open("/proc/self/maps");
	struct vm_source source = {read_fd, &fd};
	long r;

	if (fd < 0)
		return -1;
	r = work(ld, &source, arg);
	sys_close(fd);
	return r;
}

static long refresh(struct loader *ld, struct vm_source *source, void *arg)
{
	(void)arg;
	return vm_refresh(&ld->vm, source);
}

void print_maps(struct loader *ld, int fd)
{
	if (with_maps(ld, refresh, NULL) < 0)
		print(fd, "(/proc/self/maps cannot be read: only areas known to the loader)\n");
	for (const struct vm_area *a = ld->vm.first; a; a = a->next)
		print_area(ld, fd, a);
	print(fd, "%zu areas; %lu lookups found the last hit, %lu did not\n", ld->vm.count,
		ld->vm.hits, ld->vm.misses);
}

EXPORTED int myld_maps(int fd)
{
	loader_lock(&loader);
	print_maps(&loader, fd);
	loader_unlock(&loader);
	return 0;
}

struct comparison {
	enum vm_lines lines;
	int fd; /* where differences are printed */
};

static void print_line(int fd, const char *side, const struct vm_line *l)
{
	if (!l) {
		print(fd, "%s: no line\n", side);
		return;
	}
	print(fd, "%s: %lx-%lx %c%c%c%c %jx dev %jx ino %ju\n", side, l->start, l->end,
		l->prot & VM_R ? 'r' : '-', l->prot & VM_W ? 'w' : '-', l->prot & VM_X ? 'x' : '-',
		l->shared ? 's' : 'p', l->offset, l->dev, l->ino);
}

static void report(void *ctx, const struct vm_line *ours, const struct vm_line *kernels)
{
	const struct comparison *c = ctx;

	print_line(c->fd, "registry", ours);
	print_line(c->fd, "kernel  ", kernels);
}

static long compare(struct loader *ld, struct vm_source *source, void *arg)
{
	struct comparison *c = arg;

	return vm_compare(&ld->vm, source, c->lines, report, c);
}

/* Returns the number of lines in which the registry and /proc/self/maps differ: of the loader's own
 * mappings, or, with all, of all after a refresh.  Prints the differences to fd.  Returns -1 if
 * vm_check() found an inconsistency, or if the list can't be read. */
EXPORTED long myld_check_maps(int all, int fd)
{
	struct loader *ld = &loader;
	struct comparison c = {all ? VM_ALL_LINES : VM_OWN_LINES, fd};
	const char *why = "";
	long r = 0;

	loader_lock(ld);
	if (all)
		r = with_maps(ld, refresh, NULL);
	if (r >= 0)
		r = with_maps(ld, compare, &c);
	if (vm_check(&ld->vm, &why) < 0) {
		print(fd, "registry: %s\n", why);
		r = -1;
	}
	loader_unlock(ld);
	return r;
}
