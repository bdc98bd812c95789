/* dl.h: the dl* functions.
 *
 * They are exported under their usual names (EXPORT) for programs without a libc; for other
 * programs a libc ABI binds references to the libc's functions to these.  Constants have the values
 * that glibc and musl share.
 */
#ifndef DL_H
#define DL_H

#include "state/loader.h"

enum {
	RTLD_LAZY = 1,
	RTLD_NOW = 2,
	RTLD_NOLOAD = 4,
	RTLD_DEEPBIND = 8,
	RTLD_GLOBAL = 0x100,
	RTLD_NODELETE = 0x1000,
};

/* dlmopen's namespaces. */
enum {
	LM_ID_BASE = 0,
	LM_ID_NEWLM = -1,
	LM_ID_CALLER = -2, /* the caller's namespace, for dlopen */
};

/* dlinfo's requests. */
enum {
	RTLD_DI_LMID = 1,
	RTLD_DI_LINKMAP = 2,
	RTLD_DI_SERINFO = 4,
	RTLD_DI_SERINFOSIZE = 5,
	RTLD_DI_ORIGIN = 6,
	RTLD_DI_TLS_MODID = 9,
	RTLD_DI_TLS_DATA = 10,
	RTLD_DI_PHDR = 11,
};

/* dladdr's result: Dl_info of <dlfcn.h>. */
struct dl_info {
	const char *dli_fname;
	void *dli_fbase;
	const char *dli_sname;
	void *dli_saddr;
};

/* dl_iterate_phdr's: struct dl_phdr_info of <link.h>. */
struct dl_phdr_info {
	uintptr_t dlpi_addr;
	const char *dlpi_name;
	const Elf_Phdr *dlpi_phdr;
	uint16_t dlpi_phnum;
	unsigned long long dlpi_adds, dlpi_subs;
	size_t dlpi_tls_modid;
	void *dlpi_tls_data;
};

/* Implementations for the exported functions and for those of the libc ABIs.  caller: an address in
 * the calling code, which determines the namespace, RTLD_NEXT and RUNPATH. */
void *dl_open(long lmid, const char *name, int mode, uintptr_t caller);
int dl_close(void *handle); /* 0, or -1 */
/* Opens an auditor in a new namespace, which is marked as an auditor's.  The lock is held once, and
 * released while constructors run.  NULL: reported. */
struct dso *dl_open_auditor(struct loader *ld, const char *name);
void *dl_sym(void *handle, const char *name, const char *version, uintptr_t caller);
int dl_addr(const void *address, struct dl_info *info, const Elf_Sym **symbol,
	struct link_map **map); /* symbol and map may be NULL */
int dl_iterate(
	int (*callback)(struct dl_phdr_info *, size_t, void *), void *data, uintptr_t caller);

/* Begin and end of a call: dl_enter() takes the lock; dl_leave() releases the scratch memory used
 * since and the lock and, if the call failed, makes its messages dlerror's text. */
enum dl_result { DL_OK, DL_FAILED };
struct arena_mark dl_enter(struct loader *ld);
void dl_leave(struct loader *ld, struct arena_mark mark, enum dl_result result);

/* -1 (reported): the calling function, whose name this is, has to change the list of objects, and a
 * signal handler that has interrupted the loader may not. */
int dl_may_change(struct loader *ld, const char *function);

/* The object of a handle, or NULL (reported). */
struct dso *dl_object(struct loader *ld, void *handle);

/* The name of d's file as the dl* functions report it. */
const char *dl_file_name(const struct loader *ld, const struct dso *d);

/* In a forked child: abandons the calls that other threads had not finished, and releases the lock
 * by loader_after_fork(). */
void dl_after_fork_in_child(struct loader *ld);

/* RTLD_DI_SERINFO's result: Dl_serinfo of <dlfcn.h>; the names follow the array. */
struct dl_serpath {
	char *dls_name;
	unsigned dls_flags; /* the origin of the directory; 0, as in glibc */
};

struct dl_serinfo {
	size_t dls_size; /* bytes, including the names */
	unsigned dls_cnt;
	struct dl_serpath dls_serpath[];
};

void *api_dlopen(const char *name, int mode);
void *api_dlsym(void *restrict handle, const char *restrict name);
int api_dlclose(void *handle);
char *api_dlerror(void);
int api_dladdr(const void *address, struct dl_info *info);
int api_dlinfo(void *handle, int request, void *result);
int api_dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data);

#define EXPORT(name)                                                                               \
	__attribute__((visibility("default"))) extern __typeof(api_##name) name                    \
		__attribute__((alias("api_" #name)))

#endif
