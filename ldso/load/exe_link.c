/* exe_link.c: prctl(2), PR_SET_MM_MAP; see exe_link.h.
 *
 * It takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN in the process' user namespace, and the kernel refuses it
 * while anything of the former file is mapped.  So a few instructions that lie elsewhere unmap the loader's own
 * pages, make the call, and map them again.
 */
#include "load/exe_link.h"

#include "arch/remap.h"
#include "base/mem.h"
#include "base/path.h"
#include "load/segment.h"
#include "memory/kernel.h"

/* The program's file pages of one kind, as the kernel would describe them. */
static struct segment_bounds extent(const struct loader *ld, unsigned flag)
{
	const struct dso *d = ld->program;
	struct segment_bounds found = {0, 0, 0};

	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p))
		if (p->p_flags & flag)
			found = (struct segment_bounds){d->base + p->p_vaddr,
				d->base + p->p_vaddr + p->p_filesz,
				d->base + p->p_vaddr + p->p_memsz};
	return found;
}

/* The kernel puts the words of the command line, the environment and the file's name one behind the other. */
static struct process_map describe(const struct loader *ld, int fd)
{
	const struct config *c = &ld->config;
	const char *last = c->argc > 1 ? c->argv[c->argc - 1] : c->program;
	struct segment_bounds code = extent(ld, PF_X), data = extent(ld, PF_W);
	const Elf_Auxv *end = c->auxv;
	struct process_map map = {
		.start_code = code.start,
		.end_code = code.file_end,
		.start_data = data.start,
		.end_data = data.file_end,
		.start_stack = (uintptr_t)c->argv,
		.arg_start = (uintptr_t)c->program,
		.arg_end = (uintptr_t)last + strlen(last) + 1,
		.env_end = (uintptr_t)c->execfn,
		.auxv = (uintptr_t)c->auxv,
		.exe_fd = (uint32_t)fd,
	};

	while (end->a_type != AT_NULL)
		end++;
	map.auxv_size = (uint32_t)((char *)(end + 1) - (char *)c->auxv);
	map.env_start = map.arg_end;
	map.start_brk = map.brk = sys_brk();
	return map;
}

int exe_link_allowed(const struct loader *ld, int fd)
{
	struct process_map map = describe(ld, fd);
	int e = sys_set_process_map(&map);

	return e == -SYS_EBUSY ? 0 : e;
}

/* Where the bytes of the writable segments are kept meanwhile. */
struct saved {
	char *at;
	size_t len;
};

static size_t file_bytes(const struct loader *ld, const Elf_Phdr *p)
{
	struct segment_bounds b = segment_bounds(ld, ld->self, p);

	return b.file_end - b.start;
}

/* Describes p's pages, which are mapped now; those that are writable are saved. */
static struct arch_mapping describe_segment(
	const struct loader *ld, const Elf_Phdr *p, struct saved *s)
{
	struct arch_mapping m = {.at = segment_bounds(ld, ld->self, p).start,
		.len = file_bytes(ld, p),
		.prot = segment_prot(p),
		.offset = p->p_offset & -(uint64_t)ld->config.page};

	if (p->p_flags & PF_W) {
		m.saved = memcpy(s->at + s->len, (const void *)m.at, m.len);
		s->len += m.len;
	}
	return m;
}

/* Whether the loader's segments, as it was linked, can be described: there is room for all, and each has bytes in
 * the file, since none ends the list.  *bytes: of the writable ones. */
static bool fits(const struct loader *ld, size_t *bytes)
{
	size_t n = 0;

	*bytes = 0;
	for (const Elf_Phdr *p = dso_next_load(ld->self, NULL); p; p = dso_next_load(ld->self, p)) {
		if (!p->p_filesz || ++n > REMAP_MAX)
			return false;
		if (p->p_flags & PF_W)
			*bytes += file_bytes(ld, p);
	}
	return true;
}

/* Maps the loader once more by a copy of arch_remap(), in front of the saved bytes. */
static int remap(struct loader *ld, struct arch_remapping *r)
{
	size_t page = ld->config.page, bytes, n = 0;
	struct saved saved = {0};
	char *at;
	long e;

	if (!fits(ld, &bytes))
		return -SYS_EINVAL;
	at = kernel_map_apart(page + bytes);
	if (!at)
		return -SYS_ENOMEM;
	memcpy(at, (const void *)arch_remap, (size_t)(arch_remap_end - (const char *)arch_remap));
	e = sys_mprotect((uintptr_t)at, page, VM_R | VM_X);
	saved.at = at + page;
	for (const Elf_Phdr *p = dso_next_load(ld->self, NULL); p; p = dso_next_load(ld->self, p))
		r->again[n++] = describe_segment(ld, p, &saved);
	r->at = r->again[0].at;
	r->len = r->again[n - 1].at + r->again[n - 1].len - r->at;
	if (!sys_failed(e))
		e = ((long (*)(const struct arch_remapping *))(uintptr_t)at)(r);
	sys_munmap((uintptr_t)at, page + bytes);
	return (int)e;
}

/* Whether a debugger is there, which may have put breakpoints into the code: they would be lost if the
 * file's pages were mapped again. */
static bool is_traced(void)
{
	static const char line[] = "\nTracerPid:\t";
	char text[512];
	int fd = sys_open("/proc/self/status");
	long n;

	if (fd < 0)
		return true;
	n = sys_read(fd, text, sizeof text);
	sys_close(fd);
	for (long i = 0; i + (long)sizeof line <= n; i++)
		if (!memcmp(text + i, line, sizeof line - 1))
			return text[i + (long)sizeof line - 1] != '0';
	return true;
}

static int set_between_mappings(struct loader *ld, const struct process_map *map)
{
	struct arch_remapping r = {.map = map, .map_size = sizeof *map};
	int fd = sys_open("/proc/self/exe"), e;

	if (fd < 0)
		return fd;
	r.fd = (uint64_t)fd;
	e = remap(ld, &r);
	sys_close(fd);
	return e;
}

/* An anonymous copy of a segment takes the place of its file's pages. */
static int copy_segment(struct loader *ld, const Elf_Phdr *p)
{
	const struct dso *self = ld->self;
	struct segment_bounds b = segment_bounds(ld, self, p);
	struct vm_what what = {.kind = VM_ANON,
		.prot = segment_prot(p),
		.flags = VM_ACCOUNTED,
		.owner = &self->owner};
	int e = kernel_copy_in_place(b.start, b.file_end - b.start, what.prot);

	if (e < 0)
		return e;
	e = vm_adopt(&ld->vm, b.start, b.file_end, &what);
	vm_keep_apart(&ld->vm, b.file_end);
	return e;
}

static int set_over_copies(struct loader *ld, const struct process_map *map)
{
	for (const Elf_Phdr *p = dso_next_load(ld->self, NULL); p; p = dso_next_load(ld->self, p)) {
		int e = copy_segment(ld, p);

		if (e < 0)
			return e;
	}
	return sys_set_process_map(map);
}

void exe_link_set(struct loader *ld, int fd)
{
	struct process_map map;

	/* Only root is likely to succeed, and others' starts are spared the call.  valgrind takes what it
	 * knows of an object from its mapped file. */
	if (ld->config.euid || ld->config.keep_exe || arch_under_valgrind())
		return;
	map = describe(ld, fd);
	if (sys_set_process_map(&map) != -SYS_EBUSY)
		return;
	if ((is_traced() ? set_over_copies : set_between_mappings)(ld, &map) == 0)
		sys_set_name(path_base(ld->program->path));
}
