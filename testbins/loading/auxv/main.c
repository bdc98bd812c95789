/* The stack that the program sees: argv, environment and auxiliary vector hang together and
 * describe the program, not the loader, whichever way it was started. */
#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "check_maps.h"

extern char **environ;
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
void _start(void);

static int first_object(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	*(struct dl_phdr_info *)data = *info;
	return 1;
}

/* The vector itself, found behind the environment. */
static const ElfW(auxv_t) * vector(char **envp)
{
	while (*envp)
		envp++;
	return (const void *)(envp + 1);
}

static void check_program_headers(void)
{
	const ElfW(Phdr) *phdr = (const void *)getauxval(AT_PHDR);
	const char *base = (const char *)getauxval(AT_BASE);
	struct dl_phdr_info info;

	dl_iterate_phdr(first_object, &info);
	printf("AT_PHDR is the program's: %d\n",
		phdr == (const void *)((const char *)&__ehdr_start + __ehdr_start.e_phoff));
	printf("AT_PHNUM: %d\n", getauxval(AT_PHNUM) == __ehdr_start.e_phnum);
	printf("AT_PHENT: %d\n", getauxval(AT_PHENT) == sizeof(*phdr));
	printf("AT_ENTRY is _start: %d\n", getauxval(AT_ENTRY) == (unsigned long)_start);
	printf("AT_BASE is an ELF file: %d\n", base && !memcmp(base, ELFMAG, SELFMAG));
	printf("AT_BASE is not the program: %d\n", base != (const char *)&__ehdr_start);
	printf("first object of dl_iterate_phdr: %d\n",
		info.dlpi_phdr == phdr && info.dlpi_phnum == getauxval(AT_PHNUM));
}

int main(int argc, char **argv, char **envp)
{
	const char *name = (const char *)getauxval(AT_EXECFN);
	const ElfW(auxv_t) * entry;
	int i, entries = 0, same = 1, big = argc > 5;

	check_maps("at main");
	name = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	printf("AT_EXECFN: %.*s\n", (int)strcspn(name, "."), name);
	for (i = 0; i < argc && !big; i++)
		printf("argv[%d]: %s\n", i, argv[i]);
	printf("argc: %d\n", argc);
	printf("argv ends with NULL: %d\n", argv[argc] == NULL);
	printf("envp follows argv: %d\n", envp == argv + argc + 1);
	printf("environ: %d\n", environ == envp);
	for (i = 0; envp[i]; i++)
		if (!strncmp(envp[i], "TEST_", 5))
			puts(envp[i]);
	printf("getenv: %s\n", getenv("TEST_B") ? getenv("TEST_B") : "(none)");
	for (entry = vector(envp); entry->a_type != AT_NULL; entry++, entries++)
		same &= getauxval(entry->a_type) == entry->a_un.a_val;
	printf("auxv follows envp: %d\n", entries > 10 && same);
	check_program_headers();
	printf("AT_PAGESZ: %d\n", getauxval(AT_PAGESZ) == (unsigned long)sysconf(_SC_PAGESIZE));
	printf("AT_SECURE: %lu\n", getauxval(AT_SECURE));
	printf("AT_RANDOM: %d\n", getauxval(AT_RANDOM) != 0);
	printf("stack aligned: %d\n", (unsigned long)(argv - 1) % 16 == 0);
	return 0;
}
