/* hooks.c: the dl* functions as libc.so.6 calls them, and other private functions of ld.so.
 *
 * In a statically linked program, glibc's dlopen loads a libc.so.6 whose own dlopen has to call the
 * program's: so libc.so.6 calls a table of functions if there is one.  This file defines such a
 * table.  NSS, iconv, and the loading of libgcc_s use it, too.
 */
#include "dl/dl.h"
#include "base/mem.h"
#include "base/sys.h"
#include "libc/glibc/glibc.h"
#include "libc/glibc/tunables.h"
#include "object/unwind.h"
#include "state/auditing.h"
#include "symbol/symbol.h"

#define RTLD_SPROF 0x40000000 /* for profiling: libc.so.6's own */
#define RTLD_MODES                                                                                 \
	(RTLD_LAZY | RTLD_NOW | RTLD_NOLOAD | RTLD_DEEPBIND | RTLD_GLOBAL | RTLD_NODELETE |        \
		RTLD_SPROF)

/* Makes a text that is about an argument dlerror's; returns NULL, dlopen's result. */
static void *refuse(struct loader *ld, const char *name, const char *text)
{
	struct arena_mark mark = dl_enter(ld);

	fail(ld, "%s%s%s", name ? name : "", name && *name ? ": " : "", text);
	dl_leave(ld, mark, DL_FAILED);
	return NULL;
}

/* The mode must have RTLD_LAZY or RTLD_NOW. */
static void *open_bound(long lmid, const char *name, int mode, void *caller)
{
	if (!(mode & (RTLD_LAZY | RTLD_NOW)))
		return refuse(&loader, name, "invalid mode for dlopen(): Invalid argument");
	return dl_open(lmid, name, mode, (uintptr_t)caller);
}

static void *hook_dlopen(const char *name, int mode, void *caller)
{
	if (mode & ~RTLD_MODES)
		return refuse(&loader, NULL, "invalid mode parameter");
	return open_bound(LM_ID_CALLER, name, mode, caller);
}

/* Only the program's namespace has a global scope that a library may join, and the program. */
static void *hook_dlmopen(long lmid, const char *name, int mode, void *caller)
{
	if (lmid != LM_ID_BASE && !name)
		return refuse(&loader, NULL, "invalid namespace: Invalid argument");
	if (lmid != LM_ID_BASE && mode & RTLD_GLOBAL)
		return refuse(&loader, NULL, "invalid mode: Invalid argument");
	return open_bound(lmid, name, mode, caller);
}

static void *hook_dlsym(void *handle, const char *name, void *caller)
{
	return dl_sym(handle, name, NULL, (uintptr_t)caller);
}

static void *hook_dlvsym(void *handle, const char *name, const char *version, void *caller)
{
	return dl_sym(handle, name, version, (uintptr_t)caller);
}

#define RTLD_DL_SYMENT  1
#define RTLD_DL_LINKMAP 2

static int hook_dladdr1(const void *address, struct dl_info *info, void **extra, int flags)
{
	const Elf_Sym *symbol = NULL;
	struct link_map *map = NULL;
	int r = dl_addr(address, info, &symbol, &map);

	if (r && flags == RTLD_DL_SYMENT)
		*(const Elf_Sym **)extra = symbol;
	if (r && flags == RTLD_DL_LINKMAP)
		*(struct link_map **)extra = map;
	return r;
}

/* Calls of libc.so.6 itself: their caller is libc.so.6, which determines the namespace. */
static void *libc_dlopen(const char *name, int mode)
{
	return dl_open(LM_ID_CALLER, name, mode, (uintptr_t)__builtin_return_address(0));
}

static void *libc_dlsym(void *handle, const char *name)
{
	return dl_sym(handle, name, NULL, (uintptr_t)__builtin_return_address(0));
}

static void *libc_dlvsym(void *handle, const char *name, const char *version)
{
	return dl_sym(handle, name, version, (uintptr_t)__builtin_return_address(0));
}

/* struct dlfcn_hook of 2.34 and later; up to 2.33, libdl.so.2's lacks the last four. */
const void *const glibc_hooks[] = {
	hook_dlopen,
	dl_close,
	hook_dlsym,
	hook_dlvsym,
	api_dlerror,
	api_dladdr,
	hook_dladdr1,
	api_dlinfo,
	hook_dlmopen,
	libc_dlopen,
	libc_dlsym,
	libc_dlvsym,
	dl_close,
};

/* struct dl_open_hook, for libc.so.6 up to 2.33. */
static const void *const open_hook[] = {libc_dlopen, libc_dlsym, dl_close, libc_dlvsym};

static void put_hook(
	struct loader *ld, struct dso *d, const char *variable, const void *const *table)
{
	uintptr_t at = glibc_function(ld, d, variable);

	if (at)
		*(const void *const **)at = table;
}

void glibc_hook_old_library(struct loader *ld, struct dso *d)
{
	if (!d->soname)
		return;
	if (!strcmp(d->soname, "libc.so.6")) {
		put_hook(ld, d, "_dl_open_hook", open_hook);
		put_hook(ld, d, "_dl_open_hook2", open_hook);
	} else if (!strcmp(d->soname, "libdl.so.2")) {
		put_hook(ld, d, "_dlfcn_hook", glibc_hooks);
	}
}

/* ---- Other private functions ---- */

EXPORTED struct link_map *_dl_find_dso_for_object(uintptr_t address)
{
	struct dso *d;

	loader_lock(&loader);
	d = dso_of_address(&loader, address);
	loader_unlock(&loader);
	return d ? d->map : NULL;
}

EXPORTED int _dl_find_object(const void *pc, struct dl_find_object *result)
{
	return unwind_find_object(pc, result);
}

EXPORTED _Noreturn void _dl_fatal_printf(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	format_args(text, sizeof text, fmt, args);
	va_end(args);
	print(2, "%s", text);
	sys_exit(127);
}

/* The rest is called only by code of libc.so.6 that does not run because of the table of functions,
 * or for auditors and profiling, which are not supported. */
#define UNUSED(name)                                                                               \
	EXPORTED _Noreturn void name(void)                                                         \
	{                                                                                          \
		print(2, "myld.so: " #name "() was called, which is not known to be in use\n");    \
		sys_exit(127);                                                                     \
	}

UNUSED(_dl_exception_create)
UNUSED(_dl_exception_create_format)
UNUSED(_dl_exception_free)
UNUSED(_dl_catch_exception)
UNUSED(_dl_catch_error)
UNUSED(_dl_signal_exception)
UNUSED(_dl_signal_error)
UNUSED(_dl_rtld_di_serinfo)
UNUSED(_dl_audit_symbind_alt)
UNUSED(_dl_mcount)

/* Called at every start, by the libc.so.6 of the program. */
EXPORTED void _dl_audit_preinit(struct link_map *map)
{
	(void)map;
	if (loader.auditing)
		loader.auditing->preinit(&loader);
}

/* Only its version matters: a library that was linked with it needs glibc 2.34 or later. */
EXPORTED void __rtld_version_placeholder(void)
{
}

EXPORTED void __tunable_get_val(int id, void *value, void (*callback)(void *))
{
	api_tunable_get_val(id, value, callback);
}

EXPORTED int __tunable_is_initialized(int id)
{
	return api_tunable_is_initialized(id);
}
