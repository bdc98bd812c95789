/* config.h: the process's configuration: stack, auxiliary vector, options, environment.
 *
 * config_read() reads it once; the rest of the loader uses this struct instead of argv and the
 * environment, and does not change it.  Strings point into the process's own stack.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "base/elf_types.h"

#define MYLD_VERSION "0.1.0"

enum mode {
	MODE_RUN,
	MODE_LIST,        /* --list: print the libraries, do not run */
	MODE_TRACE,       /* LD_TRACE_LOADED_OBJECTS: the same for ldd(1), which sees no failure in
			     a missing library, and may want more */
	MODE_VERIFY,      /* --verify: is this a program that we can load? */
	MODE_CACHE_BUILD, /* --cache build: write a plan for it, do not run it */
	MODE_CACHE_WHY,   /* --cache why: would a start use a plan? */
	MODE_HELP,
	MODE_VERSION,
	MODE_DEBUG_HELP,       /* LD_DEBUG=help */
	MODE_LIST_TUNABLES,    /* --list-tunables: needs no program */
	MODE_LIST_GLIBC,       /* --list-glibc: needs no program, but takes a file */
	MODE_LEARN_GLIBC,      /* --learn-glibc: takes a file */
	MODE_LIST_DIAGNOSTICS, /* --list-diagnostics: needs no program */
	MODE_CACHE_ENABLE,     /* --cache with a word that names no program, from here on */
	MODE_CACHE_DISABLE,
	MODE_CACHE_LIST,
	MODE_CACHE_VERIFY,
	MODE_CACHE_CLEAR,
};

static inline bool config_lists(enum mode mode)
{
	return mode == MODE_LIST || mode == MODE_TRACE;
}

enum cache_use {
	CACHE_SNAPSHOT, /* the default, if a cache directory exists */
	CACHE_BINDINGS,
	CACHE_OFF,
};

struct config {
	/* The program's initial stack, as the kernel or config_read() left it. */
	uintptr_t *stack; /* argc, argv..., NULL, envp..., NULL, auxv */
	int argc;
	char **argv, **envp;
	Elf_Auxv *auxv;

	/* The auxiliary vector; 0 or NULL for entries that the kernel did not pass. */
	const Elf_Phdr *phdr;
	size_t phnum;
	uintptr_t entry, base, sysinfo_ehdr;
	const char *execfn, *platform;
	unsigned char *random; /* 16 bytes */
	size_t page;
	uintptr_t hwcap, hwcap2;
	uint32_t euid;
	bool secure; /* AT_SECURE: set-user-ID and the like; LD_* and others are removed.  Or the
			tunable glibc.rtld.enable_secure */

	bool command;        /* run as "myld.so program ...", not as PT_INTERP */
	const char *program; /* command: the program to run, or the file to tell of, as given */
	const char *argv0;   /* --argv0; NULL: argv[0] is the program as given */
	enum mode mode;
	bool resolve_program;  /* symbolic links in the program's path are resolved */
	bool show_maps;        /* --maps: print the registry before the program starts */
	bool show_auxv;        /* LD_SHOW_AUXV */
	bool warn;             /* LD_WARN: MODE_TRACE prints undefined symbols */
	bool verbose;          /* LD_VERBOSE: MODE_TRACE prints versions */
	bool bind_now;         /* LD_BIND_NOW */
	bool bind_lazy;        /* --lazy: lazy binding even where the libc binds at once */
	bool bind_not;         /* LD_BIND_NOT: a lazy PLT slot is resolved at every call */
	bool dynamic_weak;     /* LD_DYNAMIC_WEAK: a strong definition wins over a weak one */
	bool map_low;          /* LD_PREFER_MAP_32BIT_EXEC, or the tunable: libraries below 2 GiB */
	bool keep_exe;         /* --keep-exe: /proc/self/exe stays as the kernel made it */
	bool no_system_loader; /* --no-system-loader, MYLD_NO_SYSTEM_LOADER: no other loader runs
				    what this one can't */
	bool inhibit_cache;
	const char *library_path;      /* --library-path, else LD_LIBRARY_PATH; NULL: none */
	const char *library_path_from; /* which of the two, for messages */
	const char *preload_option;    /* --preload */
	const char *preload;           /* LD_PRELOAD */
	const char *secure_preload;    /* LD_PRELOAD in secure mode: untrusted */
	const char *audit_option;      /* --audit */
	const char *audit;             /* LD_AUDIT; in secure mode it is untrusted */
	const char *hwcaps_prepend;    /* --glibc-hwcaps-prepend */
	const char *hwcaps_mask;       /* --glibc-hwcaps-mask; NULL: all */
	const char *origin_path;       /* LD_ORIGIN_PATH */
	const char *inhibit_rpath;     /* --inhibit-rpath: a list of objects, NULL: none */
	const char *debug_output;      /* LD_DEBUG_OUTPUT */
	unsigned debug;                /* enum debug */
	enum cache_use cache;          /* MYLD_CACHE: what of the start-up cache is used */
	bool cache_system;             /* --system: --cache acts on the system's directory */
	bool cache_by_build_id;        /* --by-build-id: plans that other hosts can use */
	const char *cache_limit;       /* --limit: the directory's size limit; NULL: unchanged */

	const char *output;            /* -o: where --learn-glibc writes to; NULL: where starts look */

	const char *problem;      /* an error of the command line; NULL: none */
	bool problem_usage;       /* ld.so has the same error, and its words */
	const char *problem_word; /* the word that it is about, or NULL */
};

/* Fills in *c from the initial stack.  self is the loader's own entry point: AT_ENTRY equals it
 * when the loader runs as a command.  The loader's name and options are removed from argv, and in
 * secure mode the unsafe variables from envp, in place: the words above them move down, since the
 * libcs' pthread_getattr_np() expects the vector to begin where the kernel put it.  Unknown words
 * of LD_DEBUG are warned of on standard error; errors of the command line are left in
 * c->problem. */
void config_read(struct config *c, uintptr_t *stack, uintptr_t self);

/* The value if variable, an entry of an environment, is "name=value", else NULL. */
const char *config_value_of(const char *variable, const char *name);

/* The value of a variable of the environment, or NULL. */
const char *config_getenv(const struct config *c, const char *name);

/* Overwrites an entry of the auxiliary vector, in which the kernel described the loader when it is
 * run as a command.  An entry that the kernel did not pass stays absent. */
void config_set_auxv(struct config *c, uintptr_t type, uintptr_t value);

#endif
