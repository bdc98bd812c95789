/* config.h: what the process was given: stack, auxiliary vector, options, environment.
 *
 * config_read() reads all of it once; afterwards nobody else looks at the environment or at argv,
 * and the struct does not change.  Strings point into the process' own stack.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "base/elf_types.h"

#define MYLD_VERSION "0.1.0"

enum mode {
	MODE_RUN,
	MODE_LIST,        /* --list, LD_TRACE_LOADED_OBJECTS: print the libraries, do not run */
	MODE_VERIFY,      /* --verify: is this a program that we can load? */
	MODE_CACHE_BUILD, /* --cache build: leave a plan for it, do not run it */
	MODE_CACHE_WHY,   /* --cache why: would it be started by a plan? */
	MODE_HELP,
	MODE_VERSION,
	MODE_DEBUG_HELP,       /* LD_DEBUG=help */
	MODE_LIST_TUNABLES,    /* --list-tunables: needs no program */
	MODE_LIST_DIAGNOSTICS, /* --list-diagnostics: needs no program */
	MODE_CACHE_ENABLE,     /* --cache and a word; from here on only of the store */
	MODE_CACHE_DISABLE,
	MODE_CACHE_LIST,
	MODE_CACHE_VERIFY,
	MODE_CACHE_CLEAR,
};

enum cache_use {
	CACHE_SNAPSHOT, /* by default, where there is a directory for it */
	CACHE_BINDINGS,
	CACHE_OFF,
};

struct config {
	/* The program's vector, as the kernel laid it out or as config_read() shifted it. */
	uintptr_t *stack; /* argc, argv..., NULL, envp..., NULL, auxv */
	int argc;
	char **argv, **envp;
	Elf_Auxv *auxv;

	/* Auxiliary vector (0 or NULL where the kernel gave none). */
	const Elf_Phdr *phdr;
	size_t phnum;
	uintptr_t entry, base, sysinfo_ehdr;
	const char *execfn, *platform;
	const unsigned char *random; /* 16 bytes */
	size_t page;
	uintptr_t hwcap, hwcap2;
	uint32_t euid;
	bool secure; /* AT_SECURE: set-uid and the like; LD_* and other variables are ignored */

	bool command;        /* run as "myld.so program ...", not as PT_INTERP */
	const char *program; /* command: what to run, as it was typed */
	const char *argv0;   /* --argv0; NULL: argv[0] is the program as it was typed */
	enum mode mode;
	bool resolve_program;    /* the program goes by its path without symbolic links */
	bool show_maps;          /* --maps: print the registry before the program starts */
	bool show_auxv;          /* LD_SHOW_AUXV */
	bool bind_now;           /* LD_BIND_NOW */
	bool bind_lazy;          /* --lazy: lazily even where the world binds at once */
	bool bind_not;           /* LD_BIND_NOT: a function bound late is looked up at each call */
	bool dynamic_weak;       /* LD_DYNAMIC_WEAK: a strong definition wins over a weak one */
	bool exec_system_loader; /* --exec-system-loader: a libc that we can't run is its own
				    interpreter's affair */
	bool inhibit_cache;
	const char *library_path;      /* --library-path, else LD_LIBRARY_PATH; NULL: none */
	const char *library_path_from; /* which of the two, for messages */
	const char *preload_option;    /* --preload */
	const char *preload;           /* LD_PRELOAD */
	const char *secure_preload;    /* the same, in secure mode: not to be believed */
	const char *hwcaps_prepend;    /* --glibc-hwcaps-prepend */
	const char *hwcaps_mask;       /* --glibc-hwcaps-mask; NULL: all */
	const char *origin_path;       /* LD_ORIGIN_PATH */
	const char *inhibit_rpath;     /* --inhibit-rpath: a list of objects, NULL: none */
	const char *debug_output;      /* LD_DEBUG_OUTPUT */
	unsigned debug;                /* enum debug */
	enum cache_use cache;          /* MYLD_CACHE: what earlier starts may be used for */
	bool cache_system;             /* --system: --cache is about the system's directory */
	bool cache_by_build_id;        /* --by-build-id: plans for other hosts too */
	const char *cache_limit;       /* --limit: bytes that the directory may have; NULL: as is */

	const char *problem; /* what is wrong with the command line; NULL: nothing */
	const char *problem_word;
};

/* Reads the vector at stack.  self is the loader's own entry point: AT_ENTRY equals it when we run
 * as a command.  Our own name and options are removed from argv, and in secure mode the unsafe
 * variables from envp, in place: what lies above them moves down, since pthread_getattr_np() of the
 * C libraries expects the vector to begin where the kernel put it.  Words of LD_DEBUG that mean
 * nothing are warned of at once, on standard error. */
void config_read(struct config *c, uintptr_t *stack, uintptr_t self);

/* The value of a variable of the environment, or NULL. */
const char *config_getenv(const struct config *c, const char *name);

/* Writes the program's values into the auxiliary vector (when run as a command the kernel wrote
 * ours).  A type that the kernel did not give stays absent. */
void config_set_auxv(struct config *c, uintptr_t type, uintptr_t value);

#endif
