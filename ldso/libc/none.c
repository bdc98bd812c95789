/* none.c: programs without a libc.
 *
 * The rules are those of the gABI and of ld.so(8).  The loader sets up thread-local storage if an
 * object has any and runs the libraries' constructors.  The program's start code (crt/) runs the
 * program's own, and calls the function that it gets for exit.
 */
#include "init/init.h"
#include "base/mem.h"
#include "state/libc.h"
#include "state/statistics.h"
#include "state/words.h"
#include "tls/tls.h"

static bool runs_constructors(struct loader *ld, struct dso *d)
{
	return d != ld->program;
}

static void run_finis(void)
{
	init_fini_all(&loader);
	statistics_print_end(&loader);
}

/* Makes the static TLS area of the first thread; the program sets up other threads itself. */
static int make_thread(struct loader *ld)
{
	struct vm_what what = {.kind = VM_TLS, .prot = VM_R | VM_W, .owner = &ld->program->owner};
	size_t align = ld->tls.align, size = tls_image_size(ld), room;
	uintptr_t at, image, tp;
	int e;

	/* The area, slack to align it, and a page for the words at the thread pointer. */
	room = (size + 2 * align + 2 * ld->config.page) & -ld->config.page;
	e = vm_map(&ld->vm, 0, room, &what, -1, &at);
	if (e < 0)
		return fail(ld, "%s: no memory for its TLS (%zu bytes): %s", ld->program->path,
			room, errno_text(e));
	if (ARCH_TLS_BELOW_TP) {
		image = (at + align - 1) & -align;
		tp = image + size;
	} else {
		tp = (at + align - 1) & -align;
		image = tp + ARCH_TLS_GAP;
	}
	ld->tls.image = (char *)image; /* the thread's own area serves as the image */
	ld->tls.image_filesz = size;
	e = (int)arch_set_thread_pointer(tp);
	if (e < 0)
		return fail(ld, "%s: cannot set the thread pointer: %s", ld->program->path,
			errno_text(e));
	ld->tls.live = true;
	tls_count_tasks(ld);
	return 0;
}

static int make_first_thread(struct loader *ld)
{
	return ld->tls.count ? make_thread(ld) : 0;
}

static int boot_none(struct loader *ld)
{
	if (ld->tls.count)
		tls_fill_image(ld, ld->tls.image);
	return 0;
}

static int start_none(struct loader *ld)
{
	int r;

	loader_lock(ld);
	r = init_run(ld, ld->program);
	loader_unlock(ld);
	if (r == 0)
		init_adopt(ld, ld->program);
	return r;
}

static const struct libc_abi abi_none = {
	.name = "none",
	.words = &words_of_ldso,
	.paths = {DEBIAN_PATHS},
	.cache_file = "/etc/ld.so.cache",
	.preload_file = "/etc/ld.so.preload",
	.hwcaps = true,
	.match_names = true,
	.filters = true,
	.check_isa = true,
	.match_versions = true,
	.copy_warnings = true,
	.unique_symbols = true,
	.bind_lazily = true,
	.init_from_last = true,
	.fini_unfinished = true,
	.next_by_needs = true,
	.unloads = true,
	.runs_preinit = true,
	.dt_init = ARCH_DT_INIT,
	.tls_surplus = 1024,
	.runs_constructors = runs_constructors,
	.make_thread = make_first_thread,
	.boot = boot_none,
	.start = start_none,
	.run_finis = run_finis,
};

LIBC_ABI(abi_none);
