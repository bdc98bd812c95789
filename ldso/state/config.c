/* config.c: what the process was given: stack, auxiliary vector, options, environment.
 *
 * The kernel leaves one vector of words (gABI, "Process Initialization"):
 *
 *	argc | argv[0] ... NULL | envp[0] ... NULL | type, value ... AT_NULL, 0
 *
 * The order of reading matters: AT_SECURE decides whether the environment may be believed.  Options
 * and variables are two tables of the same shape, from which the help is printed too; names lie in
 * arrays, not behind pointers, which would have to be relocated at each start.
 */
#include "state/config.h"
#include "base/diag.h"
#include "search/hwcaps.h"
#include "base/mem.h"
#include "state/libc.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum kind {
	FLAG,  /* sets a bool */
	TEXT,  /* sets a string */
	MODE,  /* sets the mode */
	WORDS, /* LD_DEBUG: words that set bits */
	CACHE, /* --cache: a word that sets the mode */
	NEVER, /* not supported: the command line is wrong, or the variable is warned of */
	NONE,  /* without effect, known for the help alone */
};

struct setting {
	char name[25];
	char value[5]; /* what the help calls its argument */
	unsigned char kind, mode;
	unsigned short field; /* offset in struct config */
	char help[56];
};

#define AT(name) offsetof(struct config, name)

static const struct setting options[] = {
	{"--list", "", MODE, MODE_LIST, 0, "print the libraries that PROGRAM would load"},
	{"--verify", "", MODE, MODE_VERIFY, 0, "only check that PROGRAM can be loaded"},
	{"--library-path", "PATH", TEXT, 0, AT(library_path), "search PATH, not LD_LIBRARY_PATH"},
	{"--preload", "LIST", TEXT, 0, AT(preload_option), "load these libraries after LD_PRELOAD"},
	{"--argv0", "TEXT", TEXT, 0, AT(argv0), "give PROGRAM this as argv[0]"},
	{"--inhibit-rpath", "LIST", TEXT, 0, AT(inhibit_rpath),
		"ignore RPATH and RUNPATH of these objects"},
	{"--inhibit-cache", "", FLAG, 0, AT(inhibit_cache), "do not look into ld.so.cache"},
	{"--glibc-hwcaps-prepend", "LIST", TEXT, 0, AT(hwcaps_prepend),
		"search these below glibc-hwcaps first"},
	{"--glibc-hwcaps-mask", "LIST", TEXT, 0, AT(hwcaps_mask),
		"search only these of the machine's own"},
	{"--audit", "LIST", NEVER, 0, 0, "not supported"},
	{"--exec-system-loader", "", FLAG, 0, AT(exec_system_loader),
		"start what we can't run by its own ld.so"},
	{"--maps", "", FLAG, 0, AT(show_maps), "print the mapped areas before PROGRAM starts"},
	{"--lazy", "", FLAG, 0, AT(bind_lazy), "bind functions when they are first called"},
	{"--cache", "WORD", CACHE, 0, 0, "look after what is kept of starts; see below"},
	{"--system", "", FLAG, 0, AT(cache_system), "with --cache: the system's directory"},
	{"--limit", "SIZE", TEXT, 0, AT(cache_limit), "with --cache enable: bytes, or nK, nM, nG"},
	{"--by-build-id", "", FLAG, 0, AT(cache_by_build_id),
		"with --cache build: for other hosts as well"},
	{"--list-tunables", "", MODE, MODE_LIST_TUNABLES, 0, "print the tunables and exit"},
	{"--list-diagnostics", "", MODE, MODE_LIST_DIAGNOSTICS, 0,
		"print what a search depends on, and exit"},
	{"--help", "", MODE, MODE_HELP, 0, "print this and exit"},
	{"--version", "", MODE, MODE_VERSION, 0, "print the version and exit"},
};

static const struct setting variables[] = {
	{"LD_LIBRARY_PATH", "", TEXT, 0, AT(library_path), "directories to search for libraries"},
	{"LD_PRELOAD", "", TEXT, 0, AT(preload), "libraries to load before all others"},
	{"LD_BIND_NOW", "", FLAG, 0, AT(bind_now), "bind all functions at start"},
	{"LD_BIND_NOT", "", FLAG, 0, AT(bind_not), "look a function up at each call"},
	{"LD_DYNAMIC_WEAK", "", FLAG, 0, AT(dynamic_weak), "prefer a strong definition"},
	{"LD_ORIGIN_PATH", "", TEXT, 0, AT(origin_path), "$ORIGIN of the program, without /proc"},
	{"LD_DEBUG", "", WORDS, 0, 0, "what to trace; LD_DEBUG=help lists the words"},
	{"LD_DEBUG_OUTPUT", "", TEXT, 0, AT(debug_output), "trace into this file, .PID appended"},
	{"LD_TRACE_LOADED_OBJECTS", "", MODE, MODE_LIST, 0, "the same as --list"},
	{"LD_SHOW_AUXV", "", FLAG, 0, AT(show_auxv), "print the auxiliary vector"},
	{"LD_AUDIT", "", NEVER, 0, 0, "not supported: warned of, and ignored"},
	{"LD_VERBOSE", "", NONE, 0, 0, "no effect"},
	{"LD_WARN", "", NONE, 0, 0, "no effect"},
	{"LD_PROFILE", "", NONE, 0, 0, "no effect"},
	{"LD_PROFILE_OUTPUT", "", NONE, 0, 0, "no effect"},
	{"LD_HWCAP_MASK", "", NONE, 0, 0, "no effect, as in glibc since 2.37"},
	{"LD_ASSUME_KERNEL", "", NONE, 0, 0, "no effect, as in glibc since 2.37"},
	{"LD_PREFER_MAP_32BIT_EXEC", "", NONE, 0, 0, "no effect"},
	{"MYLD_CACHE", "", NONE, 0, 0, "what to remember: snapshot, bindings or off"},
};

static const struct {
	char name[8], value[11];
	unsigned char mode;
	char help[52];
} cache_words[] = {
	{"enable", "", MODE_CACHE_ENABLE, "make the directory: from now on starts are kept"},
	{"disable", "", MODE_CACHE_DISABLE, "remove it with all that is kept"},
	{"list", "", MODE_CACHE_LIST, "print what is kept, and whether it holds today"},
	{"verify", "", MODE_CACHE_VERIFY, "check each file of it; exit 1 if one is damaged"},
	{"clear", "", MODE_CACHE_CLEAR, "remove what is kept, but not the directory"},
	{"build", "PROGRAM...", MODE_CACHE_BUILD, "keep a start of each, and run none of them"},
	{"why", "PROGRAM", MODE_CACHE_WHY, "what its start would use, or why nothing"},
};

static const struct {
	char name[11];
	unsigned char help_only;
	unsigned short bits;
	char help[50];
} debug_words[] = {
	{"libs", 0, DEBUG_LIBS, "where libraries are looked for"},
	{"files", 0, DEBUG_FILES, "what is mapped, and what the files say"},
	{"reloc", 0, DEBUG_RELOC, "relocation processing"},
	{"symbols", 0, DEBUG_SYMBOLS, "each object that a symbol is looked up in"},
	{"bindings", 0, DEBUG_BINDINGS, "the definition that each symbol is bound to"},
	{"versions", 0, DEBUG_VERSIONS, "version dependencies"},
	{"scopes", 0, DEBUG_SCOPES, "the scope of each object"},
	{"statistics", 0, DEBUG_STATISTICS, "counts and times"},
	{"steps", 0, DEBUG_STEPS, "the loader's own steps"},
	{"maps", 0, DEBUG_MAPS, "the mapped areas when the program starts"},
	{"all", 0, DEBUG_ALL, "all of these"},
	{"help", 1, 0, "print this list and exit"},
};

/* What secure mode removes, as ld.so(8) lists it; a final _ stands for all that begin so, since the
 * variables of a loader and an allocator differ from libc to libc. */
static const char unsafe_variables[][17] = {"LD_", "MALLOC_", "GCONV_PATH", "GETCONF_DIR",
	"GLIBC_TUNABLES", "MYLD_CACHE", "HOSTALIASES", "LOCALDOMAIN", "LOCPATH", "NIS_PATH",
	"NLSPATH", "RESOLV_HOST_CONF", "RES_OPTIONS", "TMPDIR", "TZDIR"};

/* --- the vector --- */

static void locate(struct config *c)
{
	char **p;

	c->argc = (int)c->stack[0];
	c->argv = (char **)(c->stack + 1);
	c->envp = c->argv + c->argc + 1;
	for (p = c->envp; *p; p++)
		;
	c->auxv = (Elf_Auxv *)(p + 1);
}

/* Takes n words out of the vector: all that follows moves down. */
static void remove_words(struct config *c, uintptr_t *at, size_t n)
{
	const Elf_Auxv *end = c->auxv;

	while (end->a_type != AT_NULL)
		end++;
	memmove(at, at + n, (size_t)((const char *)(end + 1) - (const char *)(at + n)));
	locate(c);
}

static void read_auxv(struct config *c)
{
	for (const Elf_Auxv *a = c->auxv; a->a_type != AT_NULL; a++) {
		uintptr_t v = a->a_un.a_val;

		switch (a->a_type) {
		case AT_PHDR: c->phdr = (const Elf_Phdr *)v; break;
		case AT_PHNUM: c->phnum = v; break;
		case AT_ENTRY: c->entry = v; break;
		case AT_BASE: c->base = v; break;
		case AT_SYSINFO_EHDR: c->sysinfo_ehdr = v; break;
		case AT_EXECFN: c->execfn = (const char *)v; break;
		case AT_PLATFORM: c->platform = (const char *)v; break;
		case AT_RANDOM: c->random = (const unsigned char *)v; break;
		case AT_PAGESZ: c->page = v; break;
		case AT_HWCAP: c->hwcap = v; break;
		case AT_HWCAP2: c->hwcap2 = v; break;
		case AT_EUID: c->euid = (uint32_t)v; break;
		case AT_SECURE: c->secure = v != 0; break;
		}
	}
}

void config_set_auxv(struct config *c, uintptr_t type, uintptr_t value)
{
	for (Elf_Auxv *a = c->auxv; a->a_type != AT_NULL; a++)
		if (a->a_type == type)
			a->a_un.a_val = value;
}

/* --- settings --- */

static void debug_word(struct config *c, const char *word, size_t n)
{
	char shown[64];

	for (size_t i = 0; i < COUNT(debug_words); i++) {
		if (strlen(debug_words[i].name) != n || memcmp(debug_words[i].name, word, n))
			continue;
		c->debug |= debug_words[i].bits;
		if (debug_words[i].help_only)
			c->mode = MODE_DEBUG_HELP;
		return;
	}
	format(shown, n < sizeof shown ? n + 1 : sizeof shown, "%s", word);
	print(2, "myld.so: warning: LD_DEBUG: unknown word \"%s\"; known are", shown);
	for (size_t i = 0; i < COUNT(debug_words); i++)
		print(2, "%s %s", i ? "," : "", debug_words[i].name);
	print(2, "\n");
}

static bool separates_words(char c)
{
	return c == ',' || c == ' ' || c == ':';
}

static void read_debug(struct config *c, const char *text)
{
	while (*text) {
		size_t n = 0;

		while (text[n] && !separates_words(text[n]))
			n++;
		if (n)
			debug_word(c, text, n);
		text += n + !!text[n];
	}
}

static void apply(struct config *c, const struct setting *s, const char *value)
{
	char *field = (char *)c + s->field;

	switch (s->kind) {
	case FLAG: *(bool *)field = true; break;
	case TEXT: *(const char **)field = value; break;
	case MODE: c->mode = s->mode; break;
	case WORDS: read_debug(c, value); break;
	case NEVER:
		print(2, "myld.so: warning: %s is not supported: \"%s\" is not loaded\n", s->name,
			value);
		break;
	}
}

/* --- environment --- */

/* The value when variable is "name=value", else NULL. */
static const char *value_of(const char *variable, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(variable, name, n) && variable[n] == '=' ? variable + n + 1 : NULL;
}

const char *config_getenv(const struct config *c, const char *name)
{
	for (char **p = c->envp; *p; p++) {
		const char *value = value_of(*p, name);

		if (value)
			return value;
	}
	return NULL;
}

static void read_cache_use(struct config *c)
{
	const char *use = config_getenv(c, "MYLD_CACHE");

	if (!use || !*use || !strcmp(use, "snapshot"))
		return;
	c->cache = strcmp(use, "bindings") ? CACHE_OFF : CACHE_BINDINGS;
	if (c->cache == CACHE_OFF && strcmp(use, "off"))
		print(2,
			"myld.so: warning: MYLD_CACHE: \"%s\", expected off, bindings or "
			"snapshot\n",
			use);
}

static void read_environment(struct config *c)
{
	read_cache_use(c);
	for (char **p = c->envp; *p; p++) {
		if (strncmp(*p, "LD_", 3))
			continue;
		for (size_t i = 0; i < COUNT(variables); i++) {
			const char *value = value_of(*p, variables[i].name);

			if (value && *value)
				apply(c, &variables[i], value);
		}
	}
	if (c->library_path)
		c->library_path_from = "LD_LIBRARY_PATH";
}

static bool is_unsafe(const char *variable)
{
	for (size_t i = 0; i < COUNT(unsafe_variables); i++) {
		const char *name = unsafe_variables[i];
		size_t n = strlen(name);

		if (!strncmp(variable, name, n) &&
			(name[n - 1] == '_' || variable[n] == '=' || !variable[n]))
			return true;
	}
	return false;
}

static void remove_unsafe(struct config *c)
{
	for (char **p = c->envp; *p;) {
		if (is_unsafe(*p))
			remove_words(c, (uintptr_t *)p, 1);
		else
			p++;
	}
}

/* --- options --- */

/* Whether word is the option s; *value is what stands behind a =, or NULL. */
static bool is_option(const struct setting *s, const char *word, const char **value)
{
	size_t n = strlen(s->name);

	if (strncmp(word, s->name, n) || (word[n] && word[n] != '='))
		return false;
	*value = word[n] ? word + n + 1 : NULL;
	return true;
}

static int problem(struct config *c, const char *what, const char *word)
{
	c->problem = what;
	c->problem_word = word;
	return -1;
}

static int read_cache_word(struct config *c, const char *word)
{
	for (size_t i = 0; i < COUNT(cache_words); i++)
		if (!strcmp(cache_words[i].name, word)) {
			c->mode = cache_words[i].mode;
			return 0;
		}
	return problem(c, "--cache: unknown word", word);
}

/* Reads the option at argv[i]; returns the index of the next word, or -1 for a problem. */
static int read_option(struct config *c, int i)
{
	const char *word = c->argv[i++], *value;
	bool takes;

	for (size_t k = 0; k < COUNT(options); k++) {
		const struct setting *s = &options[k];

		if (!is_option(s, word, &value))
			continue;
		if (s->kind == NEVER)
			return problem(c, "option is not supported", word);
		takes = s->kind == TEXT || s->kind == CACHE;
		if (!takes && value)
			return problem(c, "option takes no value", word);
		if (takes && !value && i == c->argc)
			return problem(c, "option needs a value", word);
		if (takes && !value)
			value = c->argv[i++];
		if (s->kind == CACHE && read_cache_word(c, value) < 0)
			return -1;
		apply(c, s, value);
		return i;
	}
	return problem(c, "unknown option", word);
}

static bool is_about_cache(const struct config *c)
{
	return c->mode == MODE_CACHE_BUILD || c->mode == MODE_CACHE_WHY ||
	       c->mode >= MODE_CACHE_ENABLE;
}

/* Options that mean nothing beside the others; rest is the first word behind them. */
static int check_cache_options(struct config *c, const char *rest)
{
	if (c->cache_system && !is_about_cache(c))
		return problem(c, "option needs --cache", "--system");
	if (c->cache_by_build_id && c->mode != MODE_CACHE_BUILD)
		return problem(c, "option needs --cache build", "--by-build-id");
	if (c->cache_limit && c->mode != MODE_CACHE_ENABLE)
		return problem(c, "option needs --cache enable", "--limit");
	if (c->mode >= MODE_CACHE_ENABLE && rest)
		return problem(c, "--cache: one word too many", rest);
	return 0;
}

/* Leaves argv as the program is to see it. */
static void read_command_line(struct config *c)
{
	const char *from_environment = c->library_path;
	int i = 1;

	while (i > 0 && i < c->argc && c->argv[i][0] == '-') {
		if (!strcmp(c->argv[i], "--")) {
			i++;
			break;
		}
		i = read_option(c, i);
	}
	if (c->library_path != from_environment)
		c->library_path_from = "--library-path";
	if (c->problem || check_cache_options(c, c->argv[i]) < 0 || c->mode >= MODE_HELP)
		return;
	if (i >= c->argc) {
		problem(c, "no program given", NULL);
		return;
	}
	c->program = c->argv[i];
	c->stack[0] -= (uintptr_t)i;
	remove_words(c, c->stack + 1, (size_t)i);
	if (c->argv0)
		c->argv[0] = (char *)c->argv0;
}

void config_read(struct config *c, uintptr_t *stack, uintptr_t self)
{
	*c = (struct config){.stack = stack};
	locate(c);
	read_auxv(c);
	if (c->secure) {
		c->secure_preload = config_getenv(c, "LD_PRELOAD");
		remove_unsafe(c);
	} else {
		read_environment(c);
	}
	c->command = c->entry == self;
	/* Whoever named the program would run it with privileges that are not his. */
	if (c->command && c->secure)
		problem(c, "in secure mode (AT_SECURE) no program is run as a command", NULL);
	else if (c->command)
		read_command_line(c);
}

/* --- what can be printed --- */

static void print_settings(const struct setting *s, size_t n)
{
	for (; n; n--, s++) {
		char text[40];

		format(text, sizeof text, "%s %s", s->name, s->value);
		print(1, "  %-28s %s\n", text, s->help);
	}
}

static void print_cache_words(void)
{
	print(1, "\nWords of --cache:\n");
	for (size_t i = 0; i < COUNT(cache_words); i++) {
		char text[40];

		format(text, sizeof text, "%s %s", cache_words[i].name, cache_words[i].value);
		print(1, "  %-28s %s\n", text, cache_words[i].help);
	}
}

/* A list of directories, one a line. */
static void print_path(const char *list, const char *from)
{
	while (list && *list) {
		char text[4096];
		size_t n = 0;

		while (list[n] && list[n] != ':' && list[n] != ';' && n < sizeof text - 1)
			n++;
		format(text, n + 1, "%s", list);
		print(1, "  %s (%s)\n", n ? text : ".", from);
		list += n + !!list[n];
	}
}

static void print_search(const struct config *c, const struct libc_abi *w)
{
	print(1, "\nSearch path for libraries, libc: %s\n", w->name);
	print_path(c->library_path, c->library_path_from);
	if (w->cache_file && !c->inhibit_cache)
		print(1, "  (libraries listed in %s)\n", w->cache_file);
	if (w->path_file)
		print(1, "  (directories listed in %s, or else)\n", w->path_file);
	print_path(w->default_path, "default directory");
}

/* As in glibc: a library's variants for newer processors. */
static void print_hwcaps(const struct config *c)
{
	struct hwcaps h;

	hwcaps_read(&h, c);
	print(1, "\nSubdirectories of glibc-hwcaps, in their order, not for musl:\n");
	for (const struct hwcap *cap = h.list; cap < h.list + h.count; cap++) {
		char name[256];

		format(name, cap->len < sizeof name ? cap->len + 1 : sizeof name, "%s", cap->name);
		print(1, "  %s (%s%s)\n", name,
			!cap->built_in   ? ""
			: cap->supported ? "supported, "
					 : "not supported",
			cap->searched    ? "searched"
			: cap->supported ? "masked"
					 : "");
	}
}

void config_print_help(const struct config *c)
{
	print(1, "Usage: myld.so [OPTION...] PROGRAM [ARGUMENT...]\n"
		 "Loads PROGRAM and its libraries and starts it.\n\nOptions:\n");
	print_settings(options, COUNT(options));
	print_cache_words();
	print(1, "\nEnvironment (ignored when empty, and in secure mode):\n");
	print_settings(variables, COUNT(variables));
	for (size_t i = 0; abi_at(i); i++)
		print_search(c, abi_at(i));
	print_hwcaps(c);
}

void config_print_version(void)
{
	print(1, "myld.so %s for %s; runs programs with libc:", MYLD_VERSION, ARCH_NAME);
	for (size_t i = 0; abi_at(i); i++)
		print(1, "%s %s", i ? "," : "", abi_at(i)->name);
	print(1, "\n");
}

/* The keys are those of glibc's ld.so where it has them. */
void config_print_diagnostics(const struct config *c)
{
	struct hwcaps h;

	hwcaps_read(&h, c);
	print(1, "version.myld=\"%s\"\nmachine=\"%s\"\n", MYLD_VERSION, ARCH_NAME);
	print(1, "dl_dst_lib=\"lib/%s\"\n", ARCH_MULTIARCH);
	print(1, "dl_hwcaps_subdirs=\"%s\"\ndl_isa_level=%u\n", ARCH_HWCAPS, h.level);
	print(1, "dl_pagesize=0x%zx\ndl_hwcap=0x%zx\ndl_hwcap2=0x%zx\n", c->page, (size_t)c->hwcap,
		(size_t)c->hwcap2);
	if (c->platform)
		print(1, "at_platform=\"%s\"\n", c->platform);
	for (size_t i = 0; abi_at(i); i++) {
		const struct libc_abi *w = abi_at(i);

		print(1, "path.system_dirs[\"%s\"]=\"%s\"\n", w->name, w->default_path);
		if (w->cache_file)
			print(1, "path.cache[\"%s\"]=\"%s\"\n", w->name, w->cache_file);
	}
	for (size_t i = 0; c->auxv[i].a_type != AT_NULL; i++)
		print(1, "auxv[0x%zx].a_type=0x%zx\nauxv[0x%zx].a_val=0x%zx\n", i,
			(size_t)c->auxv[i].a_type, i, (size_t)c->auxv[i].a_un.a_val);
}

void config_print_debug_help(void)
{
	print(1, "LD_DEBUG takes these words, separated by commas, colons or spaces:\n");
	for (size_t i = 0; i < COUNT(debug_words); i++)
		print(1, "  %-12s %s\n", debug_words[i].name, debug_words[i].help);
	print(1, "LD_DEBUG_OUTPUT=FILE sends the output to FILE.PID.\n");
}

/* Linux' <linux/auxvec.h> and the machines' <asm/auxvec.h>; form: decimal, x hexadecimal, string.
 */
static const struct {
	unsigned char type;
	char name[22], form;
} auxv_words[] = {
	{2, "AT_EXECFD:", 'd'},
	{3, "AT_PHDR:", 'x'},
	{4, "AT_PHENT:", 'd'},
	{5, "AT_PHNUM:", 'd'},
	{6, "AT_PAGESZ:", 'd'},
	{7, "AT_BASE:", 'x'},
	{8, "AT_FLAGS:", 'x'},
	{9, "AT_ENTRY:", 'x'},
	{10, "AT_NOTELF:", 'd'},
	{11, "AT_UID:", 'd'},
	{12, "AT_EUID:", 'd'},
	{13, "AT_GID:", 'd'},
	{14, "AT_EGID:", 'd'},
	{15, "AT_PLATFORM:", 's'},
	{16, "AT_HWCAP:", 'x'},
	{17, "AT_CLKTCK:", 'd'},
	{19, "AT_DCACHEBSIZE:", 'd'},
	{20, "AT_ICACHEBSIZE:", 'd'},
	{21, "AT_UCACHEBSIZE:", 'd'},
	{23, "AT_SECURE:", 'd'},
	{24, "AT_BASE_PLATFORM:", 's'},
	{25, "AT_RANDOM:", 'x'},
	{26, "AT_HWCAP2:", 'x'},
	{27, "AT_RSEQ_FEATURE_SIZE:", 'd'},
	{28, "AT_RSEQ_ALIGN:", 'd'},
	{29, "AT_HWCAP3:", 'x'},
	{30, "AT_HWCAP4:", 'x'},
	{31, "AT_EXECFN:", 's'},
	{32, "AT_SYSINFO:", 'x'},
	{33, "AT_SYSINFO_EHDR:", 'x'},
	{40, "AT_L1I_CACHESIZE:", 'd'},
	{41, "AT_L1I_CACHEGEOMETRY:", 'x'},
	{42, "AT_L1D_CACHESIZE:", 'd'},
	{43, "AT_L1D_CACHEGEOMETRY:", 'x'},
	{44, "AT_L2_CACHESIZE:", 'd'},
	{45, "AT_L2_CACHEGEOMETRY:", 'x'},
	{46, "AT_L3_CACHESIZE:", 'd'},
	{47, "AT_L3_CACHEGEOMETRY:", 'x'},
	{51, "AT_MINSIGSTKSZ:", 'd'},
};

static void print_auxv_word(uintptr_t type, uintptr_t value)
{
	size_t i = 0;

	while (i < COUNT(auxv_words) && auxv_words[i].type != type)
		i++;
	if (i == COUNT(auxv_words)) {
		print(1, "AT_??? (0x%zx): 0x%zx\n", (size_t)type, (size_t)value);
		return;
	}
	print(1, "%-22s", auxv_words[i].name);
	switch (auxv_words[i].form) {
	case 'd': print(1, "%zu\n", (size_t)value); break;
	case 's': print(1, "%s\n", (const char *)value); break;
	default: print(1, "0x%zx\n", (size_t)value); break;
	}
}

void config_print_auxv(const struct config *c)
{
	for (const Elf_Auxv *a = c->auxv; a->a_type != AT_NULL; a++)
		print_auxv_word(a->a_type, a->a_un.a_val);
}
