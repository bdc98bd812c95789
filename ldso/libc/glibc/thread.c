/* thread.c: the first thread, and the memory of the others.
 *
 *	variant II    static TLS |TP: struct pthread, which begins with the TCB
 *	variant I     struct pthread, TCB of riscv64 |TP: TCB of aarch64, static TLS
 *
 * libc.so.6 allocates a new thread's stack, TLS and struct pthread, and calls the loader with the
 * thread pointer to initialise the TLS part.  The loader's data in it (struct tls_thread) is linked
 * in a list, so that the initial-exec TLS of a library that is opened later can be initialised in
 * every thread.
 */
#include "memory/kernel.h"
#include "arch/entry.h"
#include "base/mem.h"
#include "base/sys.h"
#include "libc/glibc/machine.h"
#include "libc/glibc/tunables.h"
#include "symbol/symbol.h"
#include "tls/tls.h"

#define AT_RSEQ_FEATURE_SIZE_  27
#define AT_RSEQ_ALIGN_         28
#define RSEQ_ORIGINAL_SIZE     32
#define RSEQ_ORIGINAL_FEATURES 20  /* bytes of it that have fields */
#define RSEQ_UNINITIALIZED     -1  /* cpu_id before the registration ... */
#define RSEQ_FAILED            -2  /* ... and after one that failed */
#define FUTEX_OFFSET           -32 /* from a robust mutex's list entry to its lock */

static uint32_t glibc_rseq_size, glibc_rseq_flags;
static ptrdiff_t glibc_rseq_offset;
EXPORT_AS(__rseq_size, glibc_rseq_size);
EXPORT_AS(__rseq_flags, glibc_rseq_flags);
EXPORT_AS(__rseq_offset, glibc_rseq_offset);
EXPORTED char __nptl_initial_report_events;
/* Where a kernel of the oldest supported version may lack them, libc asks whether there are lists of
 * robust mutexes. */
static bool robust_lists;
EXPORT_AS(__nptl_set_robust_list_avail, robust_lists);

/* ---- The list of threads ---- */

static struct tls_thread *threads, *first_thread;
static size_t reach; /* value of tls_thread.reach for the next new thread */

void glibc_set_thread_reach(size_t end)
{
	reach = end;
}

static uintptr_t pointer_of(const struct loader *ld, const struct tls_thread *t)
{
	return (uintptr_t)t - (uintptr_t)ld->tls.slot;
}

static void link_thread(struct tls_thread *t)
{
	if (t->linked)
		return;
	t->linked = true;
	t->next = threads;
	t->at = &threads;
	if (threads)
		threads->at = &t->next;
	threads = t;
}

static void unlink_thread(struct tls_thread *t)
{
	if (!t->linked)
		return;
	*t->at = t->next;
	if (t->next)
		t->next->at = t->at;
	t->linked = false;
}

/* Removes the other threads from the list in a forked child, which has only the calling one.  libc
 * may reuse their stacks; then _dl_allocate_tls_init links them again. */
void glibc_forget_threads(struct loader *ld)
{
	struct tls_thread *self = tls_self(ld);

	while (threads)
		unlink_thread(threads);
	link_thread(self);
}

/* ---- The first thread ---- */

/* From 2.41 on, the area for restartable sequences is not a field of struct pthread, but a part of
 * the static TLS behind all modules, with the size that the kernel requests. */
static struct {
	size_t size;
	ptrdiff_t offset;
} rseq;

/* Up to 2.34, but for distributions, ld.so leaves such areas to the program. */
static bool has_rseq(void)
{
	return glibc.layout->rules.rseq_size != GLIBC_NONE;
}

static bool has_rseq_block(void)
{
	return has_rseq() && glibc.layout->pthread.rseq_area == GLIBC_NONE;
}

void glibc_place_tls(struct loader *ld)
{
	size_t align = glibc_auxv(ld, AT_RSEQ_ALIGN_), size = glibc_auxv(ld, AT_RSEQ_FEATURE_SIZE_);

	tls_reserve(ld, 0, 64); /* struct pthread's alignment */
	if (align < RSEQ_ORIGINAL_SIZE)
		align = RSEQ_ORIGINAL_SIZE;
	if (size < RSEQ_ORIGINAL_SIZE)
		size = RSEQ_ORIGINAL_SIZE;
	rseq.size = (size + align - 1) & -align;
	rseq.offset = machine_pthread_offset() + glibc.layout->pthread.rseq_area;
	if (has_rseq_block())
		rseq.offset = tls_reserve(ld, rseq.size, align);
}

size_t glibc_static_size(size_t size)
{
	size_t align = loader.tls.align;

	return ((size + align - 1) & -align) + (ARCH_TLS_BELOW_TP ? glibc.layout->pthread.size : 0);
}

static void start_tcb(const struct loader *ld, uintptr_t tp)
{
	uintptr_t random[2] = {0};

	if (ld->config.random)
		memcpy(random, ld->config.random, sizeof random);
	glibc_pointer_guard = random[1];
	/* A zero byte at the lowest address stops strings from running into it. */
	machine_start_tcb(tp, random[0] & ~(uintptr_t)0xff, random[1]);
	if (ld->config.random && glibc.layout->rules.renews_random)
		sys_random(ld->config.random, sizeof random);
}

static uintptr_t *make_list(uint16_t offset)
{
	uintptr_t *head = (uintptr_t *)(glibc_global + offset);

	head[0] = head[1] = (uintptr_t)head;
	return head;
}

/* Initialises the lists of stacks, which are ld.so's since 2.33 (the third since 2.34).  While they
 * are zero, libthread_db assumes that there are no threads yet. */
static void start_lists(char *pthread, const struct glibc_layout *l)
{
	uintptr_t *node = (uintptr_t *)(pthread + l->pthread.list), *head;

	if (l->global.stack_user == GLIBC_NONE)
		return;
	head = make_list(l->global.stack_user);
	make_list(l->global.stack_used);
	if (l->global.stack_cache != GLIBC_NONE)
		make_list(l->global.stack_cache);
	node[0] = node[1] = (uintptr_t)head;
	head[0] = head[1] = (uintptr_t)node;
}

static void start_robust_list(char *pthread, const struct glibc_layout *l)
{
	uintptr_t *head = (uintptr_t *)(pthread + l->pthread.robust_head);

	glibc_put(pthread, l->pthread.robust_prev, (uintptr_t)head);
	head[0] = (uintptr_t)head;
	head[1] = (uintptr_t)FUTEX_OFFSET;
	robust_lists =
		arch_syscall(__NR_set_robust_list, (long)head, 3 * sizeof *head, 0, 0, 0, 0) == 0;
}

static bool rseq_is_enabled(void)
{
	const struct tunable_value *v = tunables_find("glibc.pthread.rseq");

	return !v || v->number;
}

static void start_rseq(struct loader *ld, uintptr_t tp)
{
	size_t size = has_rseq_block() ? rseq.size : RSEQ_ORIGINAL_SIZE;
	size_t features = glibc_auxv(ld, AT_RSEQ_FEATURE_SIZE_);
	int *area = (int *)(tp + (uintptr_t)rseq.offset);

	if (!has_rseq())
		return;
	glibc_rseq_offset = rseq.offset;
	area[1] = RSEQ_UNINITIALIZED;
	if (rseq_is_enabled() &&
		arch_syscall(__NR_rseq, (long)area, (long)size, 0, MACHINE_RSEQ, 0, 0) == 0)
		/* The usable bytes, of the original area what this glibc says. */
		glibc_rseq_size = features > RSEQ_ORIGINAL_FEATURES && has_rseq_block()
					  ? (uint32_t)features
					  : glibc.layout->rules.rseq_size;
	else
		area[1] = RSEQ_FAILED;
}

/* Initialises the first thread's struct pthread.  Since 2.34 this is ld.so's task; before, a
 * constructor of libpthread.so.0 does it. */
static void start_pthread(struct loader *ld, uintptr_t tp)
{
	char *pthread = (char *)tp + machine_pthread_offset();
	const struct glibc_layout *l = glibc.layout;
	uint16_t cleared =
		l->pthread.joinstate != GLIBC_NONE ? l->pthread.joinstate : l->pthread.tid;
	long tid;

	tid = arch_syscall(__NR_set_tid_address, (long)(pthread + cleared), 0, 0, 0, 0, 0);
	glibc_put_int(pthread, l->pthread.tid, (int)tid);
	glibc_put(
		pthread, l->pthread.specific, (uintptr_t)(pthread + l->pthread.specific_1stblock));
	if (l->pthread.user_stack != GLIBC_NONE)
		pthread[l->pthread.user_stack] = 1;
	glibc_put_int(pthread, l->pthread.stack_mode, 2); /* the user's */
	glibc_put_int(pthread, l->pthread.joinstate, 2);  /* joinable */
	start_robust_list(pthread, l);
	start_rseq(ld, tp);
	/* The first thread's stack has no known size; pthread_getattr_np() expects its end here. */
	glibc_put(pthread, l->pthread.stackblock_size, (uintptr_t)glibc_stack_end);
}

/* What of a thread's memory is below its thread pointer, and what is from there on, in bytes. */
struct extent {
	size_t below, above;
};

static struct extent thread_extent(const struct loader *ld)
{
	size_t pthread = glibc.layout->pthread.size;

	if (ARCH_TLS_BELOW_TP)
		return (struct extent){tls_image_size(ld), pthread};
	return (struct extent){(size_t)-machine_pthread_offset(), ld->tls.size};
}

int glibc_make_thread(struct loader *ld)
{
	struct vm_what what = {.kind = VM_TLS, .prot = VM_R | VM_W, .owner = &ld->program->owner};
	struct extent extent = thread_extent(ld);
	size_t align = ld->tls.align, image = tls_image_size(ld);
	size_t size = (extent.below + align + extent.above + ld->config.page) & -ld->config.page;
	uintptr_t at, tp;
	int e = vm_map(&ld->vm, 0, size, &what, -1, &at);

	if (e < 0)
		return fail(ld, "%s: no memory for its first thread's TLS (%zu bytes): %s",
			ld->program->path, size, errno_text(e));
	tp = (at + extent.below + align - 1) & -align;
	debug(ld, DEBUG_TLS, "TCB allocated: 0x%lx", tp);
	start_tcb(ld, tp);
	ld->tls.image = ARCH_TLS_BELOW_TP ? (char *)tp - image : (char *)tp + ARCH_TLS_GAP;
	ld->tls.image_filesz = image;
	e = (int)arch_set_thread_pointer(tp);
	if (e < 0)
		return fail(ld, "%s: cannot set the thread pointer: %s", ld->program->path,
			errno_text(e));
	ld->tls.live = true;
	glibc_fill_tls_globals(ld);
	for (struct dso *d = ld->first; d; d = dso_next(d))
		glibc_describe_tls(ld, d);
	if (tls_update_dtv(ld, tls_self(ld), tp) < 0)
		return fail(ld, "%s: no memory for its dtv", ld->program->path);
	first_thread = tls_self(ld);
	first_thread->reach = reach = ld->tls.surplus_end;
	link_thread(first_thread);
	glibc_put(glibc_global, glibc.layout->global.initial_dtv,
		*(uintptr_t *)(tp + (uintptr_t)MACHINE_DTV));
	start_lists((char *)tp + machine_pthread_offset(), glibc.layout);
	if (!glibc_is_old())
		start_pthread(ld, tp);
	return 0;
}

void glibc_publish_dtv(uintptr_t thread_pointer, struct tls_dtv *dtv)
{
	*(struct tls_dtv **)(thread_pointer + (uintptr_t)MACHINE_DTV) = dtv;
}

/* ---- Memory of threads ---- */

/* The program's own, which may be those of a preloaded library or of a sanitizer. */
static uintptr_t program_malloc, program_free;

/* A function that the program's code would call by this name; 0: there is none. */
static uintptr_t program_function(struct loader *ld, const char *name)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	w.newest = true;
	return symbol_in_scope(ld, &ld->base.global, 0, &w, &def) ? symbol_address(ld, &def) : 0;
}

void glibc_find_malloc(struct loader *ld)
{
	program_malloc = program_function(ld, "malloc");
	program_free = program_function(ld, "free");
	ld->libc_allocates = program_malloc && program_free;
}

/* The caller may be a TLS descriptor's function, which must not change a register. */
void *glibc_allocate(size_t n)
{
	return program_malloc ? (void *)arch_call_foreign(program_malloc, n, 0) : NULL;
}

void glibc_release(void *memory)
{
	if (program_free)
		arch_call_foreign(program_free, (uintptr_t)memory, 0);
}

/* The lock is not held while the program's function runs. */
void glibc_use_calloc(struct loader *ld, size_t n)
{
	static uintptr_t program_calloc;
	void *memory;

	if (!program_calloc && ld->libc_allocates) {
		loader_lock(ld);
		program_calloc = program_function(ld, "calloc");
		loader_unlock(ld);
	}
	memory = program_calloc ? (void *)arch_call_foreign(program_calloc, n, 1) : NULL;
	if (memory)
		glibc_release(memory);
}

/* ---- Other threads ---- */

static void start_block(const struct dso *d, uintptr_t tp)
{
	char *block = (char *)tp + d->tls.offset;

	memcpy(block, (const void *)d->tls.image, d->tls.filesz);
	memset(block + d->tls.filesz, 0, d->tls.memsz - d->tls.filesz);
}

/* Initialises all static TLS blocks of a new thread: its stack may have been used before.  -1: no
 * memory for its dtv. */
static int start_thread(struct loader *ld, uintptr_t tp)
{
	struct tls_thread *t = tls_of_thread(ld, tp);

	if (tls_update_dtv(ld, t, tp) < 0)
		return -1;
	loader_lock(ld);
	for (size_t i = 1; i <= ld->tls.count; i++) {
		const struct dso *d = ld->tls.modules[i].dso;

		if (d && d->tls.is_static)
			start_block(d, tp);
	}
	t->reach = reach;
	link_thread(t);
	loader_unlock(ld);
	return 0;
}

/* Where the address of such memory is kept: outside of struct pthread. */
static void **memory_of(void *tcb)
{
	char *pthread = (char *)tcb + machine_pthread_offset();

	return (void **)(ARCH_TLS_BELOW_TP ? pthread + glibc.layout->pthread.size
					   : pthread - sizeof(void *));
}

/* Allocates memory for a thread if libc does not. */
static void *allocate_tcb(struct loader *ld)
{
	struct extent extent = thread_extent(ld);
	size_t size = extent.below + extent.above + 2 * sizeof(void *) + ld->tls.align;
	char *memory = glibc_allocate(size), *tcb;

	if (!memory)
		return NULL;
	memset(memory, 0, size);
	tcb = memory + sizeof(void *) + extent.below + ld->tls.align - 1;
	tcb = (char *)((uintptr_t)tcb & -ld->tls.align);
	*memory_of(tcb) = memory;
	debug(ld, DEBUG_TLS, "TCB allocated: 0x%lx", (uintptr_t)tcb);
	return tcb;
}

static void free_tcb(void *tcb)
{
	glibc_release(*memory_of(tcb));
}

EXPORTED void *_dl_allocate_tls(void *given)
{
	struct loader *ld = &loader;
	void *tcb = given ? given : allocate_tcb(ld);

	if (!tcb)
		return NULL;
	*tls_of_thread(ld, (uintptr_t)tcb) = (struct tls_thread){0};
	if (start_thread(ld, (uintptr_t)tcb) == 0)
		return tcb;
	if (!given)
		free_tcb(tcb);
	return NULL;
}

/* Called when libc reuses a stack of its cache for another thread. */
EXPORTED void *_dl_allocate_tls_init(void *tcb, bool init)
{
	struct loader *ld = &loader;

	(void)init;
	if (!tcb)
		return NULL;
	tls_recycle_thread(ld, tls_of_thread(ld, (uintptr_t)tcb));
	return start_thread(ld, (uintptr_t)tcb) < 0 ? NULL : tcb;
}

EXPORTED void _dl_deallocate_tls(void *tcb, bool with_tcb)
{
	struct loader *ld = &loader;
	struct tls_thread *t = tls_of_thread(ld, (uintptr_t)tcb);

	debug(ld, DEBUG_TLS, "TCB deallocating: 0x%lx (dealloc_tcb=%d)", (uintptr_t)tcb, with_tcb);
	loader_lock(ld);
	unlink_thread(t);
	loader_unlock(ld);
	tls_free_thread(ld, t);
	if (with_tcb)
		free_tcb(tcb);
}

EXPORTED void _dl_get_tls_static_info(size_t *size, size_t *align)
{
	*size = glibc_static_size(loader.tls.size);
	*align = loader.tls.align;
}

int glibc_start_static_tls(struct loader *ld, struct dso *d)
{
	for (struct tls_thread *t = threads; t; t = t->next)
		if (d->tls.surplus_end > t->reach)
			return fail(ld,
				"%s: initial-exec TLS (%zu bytes): a thread with a small stack has "
				"no room for it",
				d->path, d->tls.memsz);
	for (struct tls_thread *t = threads; t; t = t->next)
		start_block(d, pointer_of(ld, t));
	glibc_put(glibc_global, glibc.layout->global.tls_static_used, ld->tls.surplus_start);
	return 0;
}

/* ---- Executable stacks ---- */

static int protect_thread_stack(const char *pthread, unsigned prot)
{
	const struct glibc_layout *l = glibc.layout;
	uintptr_t block = *(const uintptr_t *)(pthread + l->pthread.stackblock);
	uintptr_t size = *(const uintptr_t *)(pthread + l->pthread.stackblock_size);
	uintptr_t guard = *(const uintptr_t *)(pthread + l->pthread.guardsize);

	return kernel_protect_foreign(block + guard, size - guard, prot);
}

EXPORTED int __nptl_change_stack_perm(const char *pthread)
{
	return -protect_thread_stack(pthread, VM_R | VM_W | VM_X);
}

static int protect_main_stack(struct loader *ld)
{
	uintptr_t page = (uintptr_t)glibc_stack_end & -ld->config.page;

	return kernel_protect_stack(page, ld->config.page, VM_R | VM_W | VM_X);
}

int glibc_make_stacks_executable(struct loader *ld)
{
	const struct glibc_layout *l = glibc.layout;
	int e = protect_main_stack(ld);

	for (struct tls_thread *t = threads; t && e == 0; t = t->next)
		if (t != first_thread)
			e = protect_thread_stack(
				(const char *)pointer_of(ld, t) + machine_pthread_offset(),
				VM_R | VM_W | VM_X);
	if (e < 0)
		return e;
	glibc_put_int(glibc_global, l->global.stack_flags, PF_R | PF_W | PF_X);
	glibc_put_int(glibc_global, l->global.stack_prot_flags, VM_R | VM_W | VM_X);
	return 0;
}

/* Called by libpthread.so.0 up to 2.33, for pthread_attr_setstack and the like. */
EXPORTED int _dl_make_stack_executable(void **stack_end)
{
	(void)stack_end;
	return -glibc_make_stacks_executable(&loader);
}

/* Before 2.41, which has no such tunable, a dlopen may make stacks executable, too. */
enum exec_stack glibc_exec_stack(void)
{
	const struct tunable_value *v = tunables_find("glibc.rtld.execstack");

	return v ? (enum exec_stack)v->number : EXEC_STACK_ALWAYS;
}

int glibc_fail_exec_stack(struct loader *ld, const struct dso *d, const char *why)
{
	return fail(ld, "%s: cannot enable executable stack as shared object requires: %s",
		d->path, why);
}

int glibc_need_exec_stack(struct loader *ld, const struct dso *d)
{
	int e;

	if (glibc_exec_stack() == EXEC_STACK_FORCED)
		return 0;
	if (glibc_exec_stack() != EXEC_STACK_ALWAYS)
		return glibc_fail_exec_stack(ld, d, errno_text(-SYS_EINVAL));
	e = glibc_make_stacks_executable(ld);
	return e < 0 ? glibc_fail_exec_stack(ld, d, errno_text(e)) : 0;
}
