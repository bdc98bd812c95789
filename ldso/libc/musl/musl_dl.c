/* musl_dl.c: the running musl program: overridden symbols, threads, fork.
 *
 * A symbol that is bound to one of libc.so's dl* functions gets the loader's instead.  The override
 * happens after the search, so that LD_PRELOAD wrappers which call the next dlopen work.
 */
#include "libc/musl/musl_dl.h"
#include "arch/entry.h"
#include "base/mem.h"
#include "dl/dl.h"
#include "object/debugger.h"
#include "tls/tls.h"

#define COUNT(array)          (sizeof(array) / sizeof *(array))
#define DESTRUCTOR_ITERATIONS 4 /* POSIX: at least so many rounds of a key's destructor */

uintptr_t musl_function(struct loader *ld, const char *name)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	return symbol_in(ld, ld->base.libc, &w, &def) ? symbol_address(ld, &def) : 0;
}

/* ---- Symbols ---- */

/* Since 1.2.4 only musl's linker knows the names of the LFS64 interfaces: X64 means X. */
bool musl_fallback_symbol(struct loader *ld, const char *name, struct def *def)
{
	static const char names[] =
		"aio_cancel\0aio_error\0aio_fsync\0aio_read\0aio_return\0aio_suspend\0"
		"aio_write\0alphasort\0creat\0fallocate\0fgetpos\0fopen\0freopen\0fseeko\0"
		"fsetpos\0fstat\0fstatat\0fstatfs\0fstatvfs\0ftello\0ftruncate\0ftw\0"
		"getdents\0getrlimit\0glob\0globfree\0lio_listio\0lockf\0lseek\0lstat\0"
		"mkostemp\0mkostemps\0mkstemp\0mkstemps\0mmap\0nftw\0open\0openat\0"
		"posix_fadvise\0posix_fallocate\0pread\0preadv\0prlimit\0pwrite\0pwritev\0"
		"readdir\0scandir\0sendfile\0setrlimit\0stat\0statfs\0statvfs\0tmpfile\0"
		"truncate\0versionsort\0__fxstat\0__fxstatat\0__lxstat\0__xstat\0";
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

uintptr_t musl_override(struct loader *ld, const char *name)
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

void musl_find_functions(struct loader *ld)
{
	musl.key_create =
		(int (*)(unsigned *, void (*)(void *)))musl_function(ld, "pthread_key_create");
	musl.setspecific =
		(int (*)(unsigned, const void *))musl_function(ld, "pthread_setspecific");
	musl.atfork = (int (*)(void (*)(void), void (*)(void), void (*)(void)))musl_function(
		ld, "pthread_atfork");
}

/* Frees a thread's TLS blocks in the last of the rounds that POSIX guarantees, since destructors of
 * other keys may use TLS before. */
static void free_thread(void *thread)
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
	/* The caller may be a TLS descriptor's function, which must not change a register. */
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

/* Both functions may call the program's own malloc, so they are called without the lock.  For a
 * program that refers to dlopen this happens at its start, before it can have threads: if another
 * thread forked during the first dlopen, the lock would be held in the child. */
int musl_before_dlopen(struct loader *ld)
{
	(void)ld;
	if (!musl.has_atfork && musl.atfork) {
		musl.has_atfork = true;
		musl.atfork(fork_prepare, fork_in_parent, fork_in_child);
	}
	if (!musl.has_key && musl.key_create && musl.setspecific)
		musl.has_key = musl.key_create(&musl.key, free_thread) == 0;
	return 0;
}
