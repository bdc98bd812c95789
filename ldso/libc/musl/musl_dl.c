/* musl_dl.c: the running musl program: symbols that the loader answers, threads, fork.
 *
 * A lookup that lands on one of libc.so's dl* functions is answered with the loader's: after the
 * search, not before it, so that LD_PRELOAD wrappers which call the next dlopen go on working.
 */
#include "libc/musl/musl_dl.h"
#include "arch/entry.h"
#include "base/mem.h"
#include "dl/dl.h"
#include "object/debugger.h"
#include "tls/tls.h"

#define COUNT(array)          (sizeof(array) / sizeof *(array))
#define DESTRUCTOR_ITERATIONS 4 /* POSIX: a key's destructor is called again so often */

uintptr_t musl_function(struct loader *ld, const char *name)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	return symbol_in(ld, ld->base.libc, &w, &def) ? symbol_address(ld, &def) : 0;
}

/* ---- Symbols ---- */

/* Since 1.2.4 the names of the LFS64 interfaces are only known to musl's linker: X64 means X. */
bool musl_missing(struct loader *ld, const char *name, struct def *def)
{
	static const char names[] =
		"aio_cancel\0aio_error\0aio_fsync\0aio_read\0aio_return\0aio_suspend\0aio_write\0"
		"alphasort\0creat\0fallocate\0fgetpos\0fopen\0freopen\0fseeko\0fsetpos\0fstat\0fsta"
		"tat\0"
		"fstatfs\0fstatvfs\0ftello\0ftruncate\0ftw\0getdents\0getrlimit\0glob\0globfree\0"
		"lio_"
		"listio\0lockf\0lseek\0lstat\0mkostemp\0mkostemps\0mkstemp\0mkstemps\0mmap\0nftw\0"
		"open\0openat\0posix_fadvise\0posix_"
		"fallocate\0pread\0preadv\0prlimit\0pwrite\0pwritev\0"
		"readdir\0scandir\0sendfile\0setrlimit\0stat\0statfs\0statvfs\0tmpfile\0truncate\0"
		"versionsort\0__fxstat\0__fxstatat\0__lxstat\0__xstat\0";
	size_t n = strlen(name);

	if (!ld->base.libc || n < 3 || name[n - 2] != '6' || name[n - 1] != '4')
		return false;
	for (const char *p = names; *p; p += strlen(p) + 1)
		if (strlen(p) == n - 2 && !strncmp(p, name, n - 2)) {
			struct wanted w = symbol_wanted(p, NULL);

			return symbol_in(ld, ld->base.libc, &w, def);
		}
	return false;
}

static struct r_debug *const debug_address = &api_r_debug;

uintptr_t musl_divert(struct loader *ld, const char *name)
{
	static const struct {
		char name[24];
		uintptr_t address;
	} ours[] = {
		{"dlopen", (uintptr_t)api_dlopen},
		{"dlsym", (uintptr_t)api_dlsym},
		{"dlclose", (uintptr_t)api_dlclose},
		{"dlerror", (uintptr_t)api_dlerror},
		{"dladdr", (uintptr_t)api_dladdr},
		{"dlinfo", (uintptr_t)api_dlinfo},
		{"dl_iterate_phdr", (uintptr_t)api_dl_iterate_phdr},
		{"__tls_get_addr", (uintptr_t)tls_address},
		{"_dl_debug_addr", (uintptr_t)&debug_address},
	};

	if (strncmp(name, "dl", 2) && strncmp(name, "__tls", 5) && strncmp(name, "_dl_", 4))
		return 0;
	for (size_t i = 0; i < COUNT(ours); i++)
		if (!strcmp(name, ours[i].name)) {
			ld->may_dlopen |= ours[i].address == (uintptr_t)api_dlopen;
			return ours[i].address;
		}
	return 0;
}

/* ---- Threads and fork ---- */

static struct {
	int (*key_create)(unsigned *key, void (*destructor)(void *));
	int (*setspecific)(unsigned key, const void *value);
	int (*atfork)(void (*prepare)(void), void (*parent)(void), void (*child)(void));
	unsigned key;
	bool has_key, has_atfork;
} musl;

void musl_take_functions(struct loader *ld)
{
	musl.key_create =
		(int (*)(unsigned *, void (*)(void *)))musl_function(ld, "pthread_key_create");
	musl.setspecific =
		(int (*)(unsigned, const void *))musl_function(ld, "pthread_setspecific");
	musl.atfork = (int (*)(void (*)(void), void (*)(void), void (*)(void)))musl_function(
		ld, "pthread_atfork");
}

/* Destructors of other keys may still use TLS: the blocks go in the last of the rounds that POSIX
 * promises. */
static void thread_exits(void *thread)
{
	struct tls_thread *t = thread;

	if (++t->rounds < DESTRUCTOR_ITERATIONS)
		musl.setspecific(musl.key, t);
	else
		tls_free_thread(&loader, t);
}

int musl_watch_thread(struct loader *ld, void *thread)
{
	(void)ld;
	if (!musl.has_key)
		return 0;
	/* This may be a TLS descriptor's call, which must not change a register. */
	return (int)arch_call_foreign((uintptr_t)musl.setspecific, musl.key, (uintptr_t)thread);
}

static void fork_prepare(void)
{
	loader_before_fork(&loader);
}

static void fork_in_parent(void)
{
	loader_after_fork(&loader);
}

static void fork_in_child(void)
{
	dl_after_fork_in_child(&loader);
}

/* Both calls may allocate by the program's own malloc, so they come before the lock is taken.  For
 * a program that refers to dlopen that is at its start, before it can have threads: a fork beside
 * the first dlopen would find the lock taken in the child. */
int musl_before_dlopen(struct loader *ld)
{
	(void)ld;
	if (!musl.has_atfork && musl.atfork) {
		musl.has_atfork = true;
		musl.atfork(fork_prepare, fork_in_parent, fork_in_child);
	}
	if (!musl.has_key && musl.key_create && musl.setspecific)
		musl.has_key = musl.key_create(&musl.key, thread_exits) == 0;
	return 0;
}
