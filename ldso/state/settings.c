/* settings.c: the tables of options, variables and keywords; see settings.h. */
#include "state/settings.h"
#include "state/config.h"
#include "state/diag.h"

#define AT(name) offsetof(struct config, name)

const struct setting settings_options[SETTINGS_OPTIONS] = {
	{"--list", "", MODE, MODE_LIST, 0, "print the libraries that PROGRAM would load"},
	{"--verify", "", MODE, MODE_VERIFY, 0, "only check that PROGRAM can be loaded"},
	{"--library-path", "PATH", TEXT, 0, AT(library_path), "search PATH, not LD_LIBRARY_PATH"},
	{"--preload", "LIST", TEXT, 0, AT(preload_option), "load these libraries after LD_PRELOAD"},
	{"--argv0", "TEXT", TEXT, 0, AT(argv0), "give PROGRAM this as argv[0]"},
	{"--inhibit-rpath", "LIST", TEXT, 0, AT(inhibit_rpath),
		"ignore RPATH and RUNPATH of these objects"},
	{"--inhibit-cache", "", FLAG, 0, AT(inhibit_cache), "do not look into ld.so.cache"},
	{"--glibc-hwcaps-prepend", "LIST", TEXT, 0, AT(hwcaps_prepend),
		"search these subdirectories of glibc-hwcaps first"},
	{"--glibc-hwcaps-mask", "LIST", TEXT, 0, AT(hwcaps_mask),
		"of the other subdirectories, search only these"},
	{"--audit", "LIST", TEXT, 0, AT(audit_option), "load these auditors after LD_AUDIT's"},
	{"--no-system-loader", "", FLAG, 0, AT(no_system_loader),
		"refuse what only another loader can run"},
	{"--keep-exe", "", FLAG, 0, AT(keep_exe), "leave /proc/self/exe to be this loader"},
	{"--exec-system-loader", "", NONE, 0, 0, "no effect: it is the default"},
	{"--maps", "", FLAG, 0, AT(show_maps), "print the mapped areas before PROGRAM starts"},
	{"--lazy", "", FLAG, 0, AT(bind_lazy), "bind functions when they are first called"},
	{"--cache", "WORD", CACHE, 0, 0, "manage the start-up cache; see below"},
	{"--system", "", FLAG, 0, AT(cache_system), "with --cache: the system's directory"},
	{"--limit", "SIZE", TEXT, 0, AT(cache_limit), "with --cache enable: bytes, or nK, nM, nG"},
	{"--by-build-id", "", FLAG, 0, AT(cache_by_build_id),
		"with --cache build: valid on other hosts, too"},
	{"--list-tunables", "", MODE, MODE_LIST_TUNABLES, 0, "print the tunables and exit"},
	{"--list-glibc", "FILE", MODE, MODE_LIST_GLIBC, 0,
		"print the known builds of glibc, or which FILE is"},
	{"--learn-glibc", "FILE", MODE, MODE_LEARN_GLIBC, 0,
		"find out how FILE, a libc.so.6, is laid out"},
	{"-o", "FILE", TEXT, 0, AT(output), "with --learn-glibc: write it here"},
	{"--list-diagnostics", "", MODE, MODE_LIST_DIAGNOSTICS, 0,
		"print what searches depend on, and exit"},
	{"--help", "", MODE, MODE_HELP, 0, "print this and exit"},
	{"--version", "", MODE, MODE_VERSION, 0, "print the version and exit"},
};

const struct setting settings_variables[SETTINGS_VARIABLES] = {
	{"LD_LIBRARY_PATH", "", TEXT, 0, AT(library_path), "directories to search for libraries"},
	{"LD_PRELOAD", "", TEXT, 0, AT(preload), "libraries to load before all others"},
	{"LD_BIND_NOW", "", FLAG, 0, AT(bind_now), "bind all functions at start"},
	{"LD_BIND_NOT", "", FLAG, 0, AT(bind_not), "look a function up at each call"},
	{"LD_DYNAMIC_WEAK", "", FLAG, 0, AT(dynamic_weak), "prefer a strong definition"},
	{"LD_ORIGIN_PATH", "", TEXT, 0, AT(origin_path), "$ORIGIN of the program, without /proc"},
	{"LD_DEBUG", "", WORDS, 0, 0, "what to trace; LD_DEBUG=help lists the words"},
	{"LD_DEBUG_OUTPUT", "", TEXT, 0, AT(debug_output), "trace into this file, .PID appended"},
	{"LD_TRACE_LOADED_OBJECTS", "", MODE, MODE_TRACE, 0, "print the libraries, as for ldd"},
	{"LD_SHOW_AUXV", "", FLAG, 0, AT(show_auxv), "print the auxiliary vector"},
	{"LD_AUDIT", "", TEXT, 0, AT(audit), "auditors, separated by colons"},
	{"LD_VERBOSE", "", FLAG, 0, AT(verbose), "list versions as well (ldd -v)"},
	{"LD_WARN", "", FLAG, 0, AT(warn), "list undefined symbols as well (ldd -d, -r)"},
	{"LD_PROFILE", "", NEVER, 0, 0, "not supported: ignored with a warning"},
	{"LD_PROFILE_OUTPUT", "", NONE, 0, 0, "no effect"},
	{"LD_HWCAP_MASK", "", NONE, 0, 0, "no effect, as in glibc since 2.37"},
	{"LD_ASSUME_KERNEL", "", NONE, 0, 0, "no effect, as in glibc since 2.37"},
	{"LD_PREFER_MAP_32BIT_EXEC", "", NONE, 0, 0, "no effect"},
	{"MYLD_NO_SYSTEM_LOADER", "", FLAG, 0, AT(no_system_loader),
		"refuse what only another loader can run"},
	{"MYLD_CACHE", "", CACHE_USE, 0, 0, "what to cache: snapshot, bindings or off"},
};

const struct cache_word settings_cache[SETTINGS_CACHE] = {
	{"enable", "", MODE_CACHE_ENABLE, "create the directory, so that starts are cached"},
	{"disable", "", MODE_CACHE_DISABLE, "remove the directory and its entries"},
	{"list", "", MODE_CACHE_LIST, "print the entries, and whether they are valid"},
	{"verify", "", MODE_CACHE_VERIFY, "check each file; exit with 1 if one is damaged"},
	{"clear", "", MODE_CACHE_CLEAR, "remove the entries, but not the directory"},
	{"build", "PROGRAM...", MODE_CACHE_BUILD, "cache a start of each, and run none of them"},
	{"why", "PROGRAM", MODE_CACHE_WHY, "explain which cache entry a start would use"},
};

const struct debug_word settings_debug[SETTINGS_DEBUG] = {
	{"libs", 0, DEBUG_LIBS, "where libraries are looked for"},
	{"files", 0, DEBUG_FILES, "mapped files, and their dynamic sections"},
	{"reloc", 0, DEBUG_RELOC, "relocation processing"},
	{"symbols", 0, DEBUG_SYMBOLS, "each object that a symbol is looked up in"},
	{"bindings", 0, DEBUG_BINDINGS, "the definition that each symbol is bound to"},
	{"versions", 0, DEBUG_VERSIONS, "version dependencies"},
	{"scopes", 0, DEBUG_SCOPES, "the scope of each object"},
	{"statistics", 0, DEBUG_STATISTICS, "counts and times"},
	{"steps", 0, DEBUG_STEPS, "the loader's own steps"},
	{"maps", 0, DEBUG_MAPS, "the mapped areas when the program starts"},
	{"all", 0, DEBUG_ALL, "all of these"},
	{"unused", 0, DEBUG_UNUSED, "listed libraries that PROGRAM does not use"},
	{"help", 1, 0, "print this list and exit"},
};
