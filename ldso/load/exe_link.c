/* exe_link.c: prctl(2), PR_SET_MM_MAP; see exe_link.h.
 *
 * It takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN in the process' user namespace, and the kernel refuses it
 * while anything of the former file is mapped.  So the loader's data become anonymous copies in place, and its
 * code is mapped once more by a few instructions that lie outside of it.
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

/* Sets the map while the code is not mapped, by arch_remap() in a page that is gone thereafter. */
static int remap_code(const struct loader *ld, const struct arch_remapping *r)
{
	size_t page = ld->config.page, size = (size_t)(arch_remap_end - (const char *)arch_remap);
	void *at = kernel_map_apart(page);
	long e;

	if (!at)
		return -SYS_ENOMEM;
	memcpy(at, (const void *)arch_remap, size);
	e = sys_mprotect((uintptr_t)at, page, VM_R | VM_X);
	if (!sys_failed(e))
		e = ((long (*)(const struct arch_remapping *))(uintptr_t)at)(r);
	sys_munmap((uintptr_t)at, page);
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

static int replace_code(struct loader *ld, const Elf_Phdr *p, const struct process_map *map)
{
	struct segment_bounds b = segment_bounds(ld, ld->self, p);
	struct arch_remapping r = {.at = b.start,
		.len = b.file_end - b.start,
		.offset = p->p_offset & -(uint64_t)ld->config.page,
		.map = map,
		.map_size = sizeof *map};
	int fd = sys_open("/proc/self/exe"), e;

	if (fd < 0)
		return fd;
	r.fd = (uint64_t)fd;
	e = remap_code(ld, &r);
	sys_close(fd);
	return e;
}

static int copy_code(struct loader *ld, const Elf_Phdr *p, const struct process_map *map)
{
	int e = copy_segment(ld, p);

	return e < 0 ? e : sys_set_process_map(map);
}

void exe_link_set(struct loader *ld, int fd)
{
	const Elf_Phdr *code = NULL;
	struct process_map map;

	/* Only root is likely to succeed, and others' starts are spared the call.  valgrind takes what it
	 * knows of an object from its mapped file. */
	if (ld->config.euid || ld->config.keep_exe || arch_under_valgrind())
		return;
	map = describe(ld, fd);
	if (sys_set_process_map(&map) != -SYS_EBUSY)
		return;
	for (const Elf_Phdr *p = dso_next_load(ld->self, NULL); p; p = dso_next_load(ld->self, p))
		if (p->p_flags & PF_X)
			code = p;
		else if (copy_segment(ld, p) < 0)
			return;
	if (code && (is_traced() ? copy_code : replace_code)(ld, code, &map) == 0)
		sys_set_name(path_base(ld->program->path));
}
