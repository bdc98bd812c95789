/* config.c: the process's configuration: stack, auxiliary vector, options, environment.
 *
 * The kernel passes one vector of words (gABI, "Process Initialization"):
 *
 *	argc | argv[0] ... NULL | envp[0] ... NULL | type, value ... AT_NULL, 0
 *
 * The auxiliary vector is read first: AT_SECURE decides whether the environment is trusted.
 */
#include "state/config.h"
#include "base/format.h"
#include "base/list.h"
#include "base/mem.h"
#include "state/diag.h"
#include "state/settings.h"

/* The variables that secure mode removes, as in ld.so(8).  A name that ends with _ is a prefix,
 * since the variables of loader and allocator differ between libcs. */
static const char unsafe_variables[][17] = {"LD_", "MALLOC_", "GCONV_PATH", "GETCONF_DIR",
	"GLIBC_TUNABLES", "MYLD_", "XDG_CACHE_HOME", "HOSTALIASES", "LOCALDOMAIN", "LOCPATH",
	"NIS_PATH", "NLSPATH", "RESOLV_HOST_CONF", "RES_OPTIONS", "TMPDIR", "TZDIR"};

/* --- the vector --- */

static void locate_vectors(struct config *c)
{
	char **p;

	c->argc = (int)c->stack[0];
	c->argv = (char **)(c->stack + 1);
	c->envp = c->argv + c->argc + 1;
	for (p = c->envp; *p; p++)
		;
	c->auxv = (Elf_Auxv *)(p + 1);
}

/* Removes n words from the vector: all that follow move down. */
static void remove_words(struct config *c, uintptr_t *at, size_t n)
{
	const Elf_Auxv *end = c->auxv;

	while (end->a_type != AT_NULL)
		end++;
	memmove(at, at + n, (size_t)((const char *)(end + 1) - (const char *)(at + n)));
	locate_vectors(c);
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
		case AT_RANDOM: c->random = (unsigned char *)v; break;
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

static void apply_debug_word(struct config *c, const char *word, size_t n)
{
	char shown[64];

	for (size_t i = 0; i < SETTINGS_DEBUG; i++) {
		if (strlen(settings_debug[i].name) != n || memcmp(settings_debug[i].name, word, n))
			continue;
		c->debug |= settings_debug[i].bits;
		if (settings_debug[i].help_only)
			c->mode = MODE_DEBUG_HELP;
		return;
	}
	format(shown, n < sizeof shown ? n + 1 : sizeof shown, "%s", word);
	print(2, "myld.so: warning: LD_DEBUG: unknown word \"%s\"; known are", shown);
	for (size_t i = 0; i < SETTINGS_DEBUG; i++)
		print(2, "%s %s", i ? "," : "", settings_debug[i].name);
	print(2, "\n");
}

static void read_debug(struct config *c, const char *text)
{
	size_t n;

	for (const char *word; (word = list_next(&text, ", :", &n));)
		if (n)
			apply_debug_word(c, word, n);
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
		print(2, "myld.so: warning: %s is not supported: there is no profile of \"%s\"\n",
			s->name, value);
		break;
	}
}

/* --- environment --- */

const char *config_value_of(const char *variable, const char *name)
{
	while (*name && *variable == *name)
		variable++, name++;
	return !*name && *variable == '=' ? variable + 1 : NULL;
}

const char *config_getenv(const struct config *c, const char *name)
{
	for (char **p = c->envp; *p; p++) {
		const char *value = config_value_of(*p, name);

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

/* Whether the list of GLIBC_TUNABLES (NULL: none) sets a tunable to 1: one that concerns the loading,
 * and so has to be known before a libc, with its own list of tunables, is found.  Of several values the
 * last is used; a malformed list sets none, as in glibc since 2.39. */
static bool is_tunable_on(const char *list, const char *name)
{
	const char *word, *value;
	size_t n, signs;
	bool on = false;

	while ((word = list_next(&list, ":", &n))) {
		signs = 0;
		for (size_t i = 0; i < n; i++)
			signs += word[i] == '=';
		if (signs > 1 || (!signs && !list))
			return false;
		value = config_value_of(word, name);
		if (value)
			on = word + n == value + 1 && *value == '1';
	}
	return on;
}

static void read_environment(struct config *c)
{
	read_cache_use(c);
	for (char **p = c->envp; *p; p++) {
		if (**p != 'L' && **p != 'M') /* all that are known begin so */
			continue;
		for (size_t i = 0; i < SETTINGS_VARIABLES; i++) {
			const char *value = config_value_of(*p, settings_variables[i].name);

			if (value && *value)
				apply(c, &settings_variables[i], value);
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

/* Whether word is the option s; *value: the text after =, or NULL. */
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
	for (size_t i = 0; i < SETTINGS_CACHE; i++)
		if (!strcmp(settings_cache[i].name, word)) {
			c->mode = settings_cache[i].mode;
			return 0;
		}
	return problem(c, "--cache: unknown word", word);
}

/* Reads the option at argv[i]; returns the index of the next word, or -1 with c->problem set. */
static int read_option(struct config *c, int i)
{
	const char *word = c->argv[i++], *value;
	bool needs_value;

	for (size_t k = 0; k < SETTINGS_OPTIONS; k++) {
		const struct setting *s = &settings_options[k];

		if (!is_option(s, word, &value))
			continue;
		needs_value = s->kind == TEXT || s->kind == CACHE;
		if (!needs_value && value)
			return problem(c, "option takes no value", word);
		if (needs_value && !value && i == c->argc)
			return problem(c, "option needs a value", word);
		if (needs_value && !value)
			value = c->argv[i++];
		if (s->kind == CACHE && read_cache_word(c, value) < 0)
			return -1;
		apply(c, s, value);
		return i;
	}
	c->problem_usage = true;
	return problem(c, "unrecognized option", word);
}

/* Whether the mode is one of --cache that names no program. */
static bool is_store_command(enum mode mode)
{
	return mode == MODE_CACHE_ENABLE || mode == MODE_CACHE_DISABLE || mode == MODE_CACHE_LIST ||
	       mode == MODE_CACHE_VERIFY || mode == MODE_CACHE_CLEAR;
}

static bool names_program(enum mode mode)
{
	return mode == MODE_RUN || config_lists(mode) || mode == MODE_VERIFY ||
	       mode == MODE_CACHE_BUILD || mode == MODE_CACHE_WHY;
}

/* Rejects contradictory options; rest is the first word after them. */
static int check_cache_options(struct config *c, const char *rest)
{
	bool of_program = c->mode == MODE_CACHE_BUILD || c->mode == MODE_CACHE_WHY;

	c->resolve_program = of_program;
	if (c->cache_system && !of_program && !is_store_command(c->mode))
		return problem(c, "option needs --cache", "--system");
	if (c->cache_by_build_id && c->mode != MODE_CACHE_BUILD)
		return problem(c, "option needs --cache build", "--by-build-id");
	if (c->cache_limit && c->mode != MODE_CACHE_ENABLE)
		return problem(c, "option needs --cache enable", "--limit");
	if (is_store_command(c->mode) && rest)
		return problem(c, "--cache: one word too many", rest);
	return 0;
}

/* --list-glibc takes one word that is a file, or none; --learn-glibc takes one. */
static int read_libc(struct config *c, char **rest)
{
	if (c->output && c->mode != MODE_LEARN_GLIBC)
		return problem(c, "option needs --learn-glibc", "-o");
	if (c->mode == MODE_LEARN_GLIBC) {
		c->program = rest[0];
		if (!rest[0])
			return problem(c, "--learn-glibc: missing file", NULL);
		return rest[1] ? problem(c, "--learn-glibc: one word too many", rest[1]) : 0;
	}
	if (c->mode != MODE_LIST_GLIBC || !rest[0])
		return 0;
	c->program = rest[0];
	return rest[1] ? problem(c, "--list-glibc: one word too many", rest[1]) : 0;
}

/* Reads the loader's options, and leaves argv as the program expects it. */
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
	if (c->problem || check_cache_options(c, c->argv[i]) < 0 || read_libc(c, c->argv + i) < 0 ||
		!names_program(c->mode))
		return;
	if (i >= c->argc) {
		c->problem_usage = true;
		problem(c, "missing program name", NULL);
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
	const char *tunables;
	bool set_user_id;

	*c = (struct config){.stack = stack};
	locate_vectors(c);
	read_auxv(c);
	set_user_id = c->secure;
	tunables = config_getenv(c, "GLIBC_TUNABLES");
	c->secure |= is_tunable_on(tunables, "glibc.rtld.enable_secure");
	if (c->secure) {
		c->secure_preload = config_getenv(c, "LD_PRELOAD");
		c->audit = config_getenv(c, "LD_AUDIT");
		remove_unsafe(c);
	} else {
		c->map_low = is_tunable_on(tunables, "glibc.cpu.prefer_map_32bit_exec");
		read_environment(c);
	}
	c->command = c->entry == self;
	/* A set-user-ID loader must not run a program that its caller names. */
	if (c->command && set_user_id)
		problem(c, "in secure mode (AT_SECURE) no program is run as a command", NULL);
	else if (c->command)
		read_command_line(c);
}
