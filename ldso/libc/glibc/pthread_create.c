/* pthread_create.c: pthread_create() for small stacks.
 *
 * The static TLS area is a part of a thread's stack.  Its surplus, for libraries that are opened
 * later, is larger than glibc's own, and would leave little or nothing of a small stack
 * (PTHREAD_STACK_MIN is 16 KiB).  A small stack that libc.so.6 allocates is enlarged by that
 * amount.  For one that the program has allocated, libc.so.6, which reads the area's size whenever
 * it creates a thread, gets a size with only as much surplus as glibc has; such a thread prevents a
 * dlopen only if the library needs more than that.
 */
#include "base/mem.h"
#include "libc/glibc/glibc.h"
#include "memory/kernel.h"
#include "tls/tls.h"

#define SMALL_STACK   ((size_t)256 << 10)
#define SMALL_SURPLUS 1664
#define ATTR_WORDS    (56 / sizeof(uintptr_t)) /* pthread_attr_t, public ABI */

static struct {
	int (*create)(uintptr_t *, const void *, void *(*)(void *), void *);
	int (*getstack)(const void *, uintptr_t *, size_t *);
	int (*setstacksize)(void *, size_t);
	int (*getattr_default)(void *);
	int (*destroy)(void *);
} pthread;

static uintptr_t thread_function(struct loader *ld, const char *name)
{
	uintptr_t f = glibc_own_function(ld, ld->base.threads, name);

	return f ? f : glibc_own_function(ld, ld->base.libc, name);
}

void glibc_find_functions(struct loader *ld)
{
	pthread.create = (int (*)(uintptr_t *, const void *, void *(*)(void *),
		void *))thread_function(ld, "pthread_create");
	pthread.getstack = (int (*)(const void *, uintptr_t *, size_t *))thread_function(
		ld, "pthread_attr_getstack");
	pthread.setstacksize =
		(int (*)(void *, size_t))thread_function(ld, "pthread_attr_setstacksize");
	pthread.getattr_default =
		(int (*)(void *))thread_function(ld, "pthread_getattr_default_np");
	pthread.destroy = (int (*)(void *))thread_function(ld, "pthread_attr_destroy");
}

static struct lock creation;

/* The arguments of pthread_create. */
struct request {
	uintptr_t *thread;
	const void *attributes;
	void *(*f)(void *);
	void *arg;
};

static int create(const struct request *r)
{
	return pthread.create(r->thread, r->attributes, r->f, r->arg);
}

/* Up to 2.33, libpthread.so.0 reads the size once and keeps it in a variable.  It certainly has this value, so it
 * is found if only one word of the library's data has.  NULL: there are several. */
static size_t *libpthread_size(const struct loader *ld)
{
	const struct dso *d = ld->base.threads;
	size_t size = glibc_static_size(ld->tls.size), *found = NULL;

	for (const Elf_Phdr *p = d ? dso_next_load(d, NULL) : NULL; p; p = dso_next_load(d, p)) {
		uintptr_t v = (p->p_vaddr + sizeof size - 1) & -sizeof size;
		uintptr_t end = p->p_vaddr + p->p_memsz;

		for (; p->p_flags & PF_W && v + sizeof size <= end; v += sizeof size) {
			size_t *at = dso_at(d, v);

			if (*at == size && found)
				return NULL;
			found = *at == size ? at : found;
		}
	}
	return found;
}

static int set_libpthread_size(const struct loader *ld, size_t size)
{
	static size_t *at;
	static bool searched;

	if (!searched) {
		searched = true;
		at = libpthread_size(ld);
	}
	if (!at)
		return -1;
	*at = size;
	return 0;
}

/* Sets the size of the static TLS area that libc.so.6 uses for a new thread, which is laid out up
 * to `end`.  The field is read-only after start-up.  The registry is not told that it is writable
 * for a moment. */
static int set_static_size(struct loader *ld, size_t end)
{
	const struct glibc_layout *l = glibc.layout;
	size_t size = glibc_static_size(end);
	uintptr_t at = (uintptr_t)glibc_global_ro + l->ro.tls_static_size;
	uintptr_t page = at & -ld->config.page;

	if (glibc_is_old())
		return set_libpthread_size(ld, size);
	if (kernel_protect_foreign(page, ld->config.page, VM_R | VM_W) < 0)
		return -1;
	glibc_put(glibc_global_ro, l->ro.tls_static_size, size);
	return kernel_protect_foreign(page, ld->config.page, VM_R);
}

/* Creates a thread on a small stack of the program's, with a small surplus. */
static int create_with_small_surplus(struct loader *ld, const struct request *request)
{
	size_t small = ld->tls.surplus_start + SMALL_SURPLUS;
	int r;

	if (small > ld->tls.surplus_end || set_static_size(ld, small) < 0)
		return create(request);
	glibc_set_thread_reach(small);
	r = create(request);
	glibc_set_thread_reach(ld->tls.surplus_end);
	set_static_size(ld, ld->tls.size);
	return r;
}

/* Creates a thread with a stack that is larger than requested by the size of the static TLS. */
static int create_on_larger_stack(struct loader *ld, const struct request *request, size_t size)
{
	uintptr_t attributes[ATTR_WORDS];
	struct request larger = *request;

	memcpy(attributes, request->attributes, sizeof attributes);
	larger.attributes = attributes;
	pthread.setstacksize(attributes, size + ld->tls.size);
	return create(&larger);
}

/* pthread_attr_getstack() returns the lowest address, which is -size if the attributes have no
 * stack. */
static int create_with_attributes(struct loader *ld, const struct request *request)
{
	uintptr_t lowest = 0;
	size_t size = 0;

	if (pthread.getstack(request->attributes, &lowest, &size) != 0 || !size ||
		size > SMALL_STACK)
		return create(request);
	return lowest + size ? create_with_small_surplus(ld, request)
			     : create_on_larger_stack(ld, request, size);
}

static int create_with_defaults(struct loader *ld, struct request *request)
{
	uintptr_t attributes[ATTR_WORDS];
	int r;

	if (!pthread.getattr_default || pthread.getattr_default(attributes) != 0)
		return create(request);
	request->attributes = attributes;
	r = create_with_attributes(ld, request);
	pthread.destroy(attributes);
	return r;
}

/* Replaces pthread_create.  Calls are serialised, since the size is shared; not by the loader's
 * lock, which libc takes (by _dl_deallocate_tls) while it holds its own lock of stacks. */
int glibc_create_thread(uintptr_t *thread, const void *attributes, void *(*f)(void *), void *arg)
{
	struct request request = {thread, attributes, f, arg};
	struct loader *ld = &loader;
	int r;

	lock_take(&creation, loader_thread(ld));
	r = attributes ? create_with_attributes(ld, &request) : create_with_defaults(ld, &request);
	lock_give_back(&creation);
	return r;
}

void glibc_create_after_fork(struct loader *ld)
{
	if (creation.holder && !lock_is_held(&creation, loader_thread(ld))) {
		creation = (struct lock){0};
		glibc_set_thread_reach(ld->tls.surplus_end);
		set_static_size(ld, ld->tls.size);
	}
}
