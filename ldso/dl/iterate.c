/* iterate.c: dl_iterate_phdr, which walks the load order without the loader's lock. */
#include "dl/iterate.h"
#include "dl/dl.h"
#include "load/unload.h"
#include "state/libc.h"
#include "tls/tls.h"

/* Held around callbacks for libcs that run one at a time; taken before the loader's lock. */
static struct lock callbacks;

/* The calling thread's block of d; NULL if it has none.  A dynamic block is found by tables that
 * may be replaced, hence the lock. */
static void *tls_block(struct loader *ld, const struct dso *d)
{
	void *block;

	if (!d->tls.module)
		return NULL;
	if (d->tls.is_static)
		return tls_peek(ld, d);
	loader_lock(ld);
	block = tls_peek(ld, d);
	loader_unlock(ld);
	return block;
}

static struct dl_phdr_info phdr_info(struct loader *ld, const struct dso *d)
{
	const char *name = d == ld->program && ld->abi->program_nameless ? "" : d->path;

	return (struct dl_phdr_info){d->base, name, d->phdr, (uint16_t)d->phnum, ld->adds, ld->subs,
		d->tls.module, tls_block(ld, d)};
}

/* The first object of ns from *link on; the loader is in each namespace.  Links may change during
 * the walk, each by a single store. */
static const struct dso *next_in(const struct namespace *ns, struct dso *const *link)
{
	const struct dso *d = __atomic_load_n(link, __ATOMIC_ACQUIRE);

	while (d && d->ns != ns && d->kind != DSO_SELF)
		d = __atomic_load_n(&d->state->next, __ATOMIC_ACQUIRE);
	return d;
}

/* The namespace of the code at address `caller`. */
static const struct namespace *namespace_of(struct loader *ld, uintptr_t caller)
{
	const struct namespace *ns = &ld->base;
	const struct dso *d;

	/* Code of another namespace cannot run before there is a second one. */
	if (!__atomic_load_n(&ns->next, __ATOMIC_RELAXED))
		return ns;
	loader_lock(ld);
	d = dso_of_address(ld, caller);
	if (d)
		ns = d->ns;
	loader_unlock(ld);
	return ns;
}

static int call_all(struct loader *ld, const struct namespace *ns,
	int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
	int r = 0;

	for (const struct dso *d = next_in(ns, &ld->first); d && !r;
		d = next_in(ns, &d->state->next)) {
		struct dl_phdr_info info = phdr_info(ld, d);

		r = callback(&info, sizeof info, data);
	}
	return r;
}

static void begin_walk(struct loader *ld)
{
	if (ld->abi->serial_callbacks)
		lock_take(&callbacks, loader_thread(ld));
	unload_enter_reader(ld);
}

static void end_walk(struct loader *ld)
{
	unload_leave_reader(ld);
	if (ld->abi->serial_callbacks)
		lock_give_back(&callbacks);
}

/* What unwinders call for walk()'s frame (Itanium C++ ABI, "Exception Handling", 1.3: personality
 * routine): when an exception or a cancellation out of the callback removes the frame, the walk ends. */
__attribute__((used)) static int walk_personality(
	int version, int actions, uint64_t class, void *exception, void *context)
{
	enum { CLEANUP_PHASE = 2, CONTINUE_UNWIND = 8 };

	(void)version, (void)class, (void)exception, (void)context;
	if (actions & CLEANUP_PHASE)
		end_walk(&loader);
	return CONTINUE_UNWIND;
}

/* The loader's lock is not held during the walk, since the callback may call the loader.  Objects
 * that are added meanwhile may or may not be visited; those that are closed stay in memory, with
 * their link to the next, until the last reader has left. */
__attribute__((noinline)) static int walk(struct loader *ld, const struct namespace *ns,
	int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
	int r;

	__asm__(".cfi_personality 0x1b, walk_personality"); /* DW_EH_PE_pcrel | DW_EH_PE_sdata4 */
	begin_walk(ld);
	r = call_all(ld, ns, callback, data);
	end_walk(ld);
	return r;
}

int dl_iterate(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data, uintptr_t caller)
{
	return walk(&loader, namespace_of(&loader, caller), callback, data);
}

void iterate_after_fork(struct loader *ld, uintptr_t me)
{
	if (lock_is_held(&callbacks, me))
		return;
	callbacks = (struct lock){0};
	/* All readers were other threads. */
	if (ld->abi->serial_callbacks)
		ld->readers = 0;
}

int api_dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
	return dl_iterate(callback, data, (uintptr_t)__builtin_return_address(0));
}

EXPORT(dl_iterate_phdr);
