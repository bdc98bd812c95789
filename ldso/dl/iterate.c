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

/* The loader's lock is not held during the walk, since the callback may call the loader.  Objects
 * that are added meanwhile may or may not be visited; those that are closed stay in memory, with
 * their link to the next, until the last reader has left. */
int dl_iterate(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data, uintptr_t caller)
{
	struct loader *ld = &loader;
	const struct namespace *ns = namespace_of(ld, caller);
	int r;

	if (ld->abi->serial_callbacks)
		lock_take(&callbacks, loader_thread(ld));
	unload_enter_reader(ld);
	r = call_all(ld, ns, callback, data);
	unload_leave_reader(ld);
	if (ld->abi->serial_callbacks)
		lock_give_back(&callbacks);
	return r;
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
