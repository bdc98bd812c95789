/* help.c: what --help, --version, --list-diagnostics, LD_DEBUG=help and LD_SHOW_AUXV print. */
#include "cli/help.h"
#include "base/format.h"
#include "base/list.h"
#include "base/mem.h"
#include "search/hwcaps.h"
#include "search/search.h"
#include "state/diag.h"
#include "state/libc.h"
#include "state/settings.h"

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
	for (size_t i = 0; i < SETTINGS_CACHE; i++) {
		char text[40];

		format(text, sizeof text, "%s %s", settings_cache[i].name, settings_cache[i].value);
		print(1, "  %-28s %s\n", text, settings_cache[i].help);
	}
}

/* Prints a list of directories, one per line. */
static void print_path(const char *list, const char *from)
{
	size_t n;

	if (!list || !*list)
		return;
	for (const char *word; (word = list_next(&list, ":;", &n));) {
		char text[4096];

		format(text, n < sizeof text ? n + 1 : sizeof text, "%s", word);
		print(1, "  %s (%s)\n", n ? text : ".", from);
	}
}

/* Where a program of this libc would search. */
static const struct libc_paths *paths_of(struct loader *ld, const struct libc_abi *w)
{
	ld->abi = w;
	ld->paths = NULL;
	return search_paths(ld);
}

static void print_search(struct loader *ld, const struct libc_abi *w)
{
	const struct config *c = &ld->config;

	print(1, "\nSearch path for libraries, libc: %s\n", w->name);
	print_path(c->library_path, c->library_path_from);
	if (w->cache_file && !c->inhibit_cache)
		print(1, "  (libraries listed in %s)\n", w->cache_file);
	if (w->path_file)
		print(1, "  (directories listed in %s, or else)\n", w->path_file);
	/* Scripts look for the words that ld.so has for the directories of glibc. */
	print_path(paths_of(ld, w)->directories,
		w->claims && w->cache_file ? "system search path" : "default directory");
}

/* Prints the subdirectories of glibc-hwcaps, as glibc's ld.so does. */
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

void help_print_help(struct loader *ld)
{
	print(1, "Usage: myld.so [OPTION...] PROGRAM [ARGUMENT...]\n"
		 "Loads PROGRAM and its libraries and starts it.\n\nOptions:\n");
	print_settings(settings_options, SETTINGS_OPTIONS);
	print_cache_words();
	print(1, "\nEnvironment (ignored when empty, and in secure mode):\n");
	print_settings(settings_variables, SETTINGS_VARIABLES);
	for (size_t i = 0; abi_at(i); i++)
		print_search(ld, abi_at(i));
	print_hwcaps(&ld->config);
}

void help_print_version(void)
{
	print(1, "myld.so %s for %s; runs programs with libc:", MYLD_VERSION, ARCH_NAME);
	for (size_t i = 0; abi_at(i); i++)
		print(1, "%s %s", i ? "," : "", abi_at(i)->name);
	print(1, "\n");
}

/* The keys are those of glibc's ld.so where it has them. */
void help_print_diagnostics(struct loader *ld)
{
	const struct libc_abi *glibc = abi_of("libc.so.6");
	const struct config *c = &ld->config;
	struct hwcaps h;

	hwcaps_read(&h, c);
	print(1, "version.myld=\"%s\"\nmachine=\"%s\"\n", MYLD_VERSION, ARCH_NAME);
	print(1, "dl_dst_lib=\"%s\"\n", paths_of(ld, glibc ? glibc : abi_default())->lib);
	print(1, "dl_hwcaps_subdirs=\"%s\"\ndl_isa_level=%u\n", ARCH_HWCAPS, h.level);
	print(1, "dl_pagesize=0x%zx\ndl_hwcap=0x%zx\ndl_hwcap2=0x%zx\n", c->page, (size_t)c->hwcap,
		(size_t)c->hwcap2);
	if (c->platform)
		print(1, "at_platform=\"%s\"\n", c->platform);
	for (size_t i = 0; abi_at(i); i++) {
		const struct libc_abi *w = abi_at(i);

		print(1, "path.system_dirs[\"%s\"]=\"%s\"\n", w->name,
			paths_of(ld, w)->directories);
		if (w->cache_file)
			print(1, "path.cache[\"%s\"]=\"%s\"\n", w->name, w->cache_file);
	}
	for (size_t i = 0; c->auxv[i].a_type != AT_NULL; i++)
		print(1, "auxv[0x%zx].a_type=0x%zx\nauxv[0x%zx].a_val=0x%zx\n", i,
			(size_t)c->auxv[i].a_type, i, (size_t)c->auxv[i].a_un.a_val);
}

void help_print_debug_help(void)
{
	print(1, "LD_DEBUG takes these words, separated by commas, colons or spaces:\n");
	for (size_t i = 0; i < SETTINGS_DEBUG; i++)
		print(1, "  %-12s %s\n", settings_debug[i].name, settings_debug[i].help);
	print(1, "LD_DEBUG_OUTPUT=FILE sends the output to FILE.PID.\n");
}

/* From Linux' <linux/auxvec.h> and the machines' <asm/auxvec.h>; form: d decimal, x hexadecimal, h the
 * same without 0x (as ld.so prints it), s string. */
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
	{16, "AT_HWCAP:", 'h'},
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
	case 'h': print(1, "%zx\n", (size_t)value); break;
	default: print(1, "0x%zx\n", (size_t)value); break;
	}
}

void help_print_auxv(const struct config *c)
{
	for (const Elf_Auxv *a = c->auxv; a->a_type != AT_NULL; a++)
		print_auxv_word(a->a_type, a->a_un.a_val);
}
