/* ifunc.probe.c: run under a loader, prints what its libc sees of the processor.
 *
 *	ifunc.probe OFFSET SIZE <symbols
 *
 * First struct cpu_features (SIZE bytes at OFFSET in _rtld_global_ro), then sysconf()'s cache sizes
 * and getauxval(AT_HWCAP), then for each line "library symbol version" the function that the
 * symbol's IFUNC resolver chose, as an offset in its library or
 * in the vDSO.  Linked against the oldest libc, with
 * no start files, so that one binary runs on all.
 */
typedef unsigned long size_t;

struct link_map {
	unsigned long addr;
};

int __libc_start_main(int (*main)(int, char **, char **), int, char **, void (*)(void),
	void (*)(void), void (*)(void), void *);
void *dlopen(const char *, int);
void *dlsym(void *, const char *);
void *dlvsym(void *, const char *, const char *);
int printf(const char *, ...);
int scanf(const char *, ...);
long sysconf(int);
unsigned long getauxval(unsigned long);
unsigned long strtoul(const char *, char **, int);

enum {
	RTLD_NOW = 2,
	SC_LEVEL1_ICACHE_SIZE = 185,
	SC_LEVEL4_CACHE_LINESIZE = 199,
	AT_HWCAP = 16,
	AT_SYSINFO_EHDR = 33
};

static void print_features(const unsigned char *ro, unsigned long offset, unsigned long size)
{
	if (!ro) {
		printf("no _rtld_global_ro\n");
		return;
	}
	for (unsigned long i = 0; i < size; i++)
		printf("%02x", ro[offset + i]);
	printf("\n");
}

static int run(int argc, char **argv, char **envp)
{
	char library[64], symbol[128], version[64];
	unsigned long vdso = getauxval(AT_SYSINFO_EHDR);

	(void)argc;
	(void)envp;
	print_features(dlsym(0, "_rtld_global_ro"), strtoul(argv[1], 0, 0), strtoul(argv[2], 0, 0));
	for (int name = SC_LEVEL1_ICACHE_SIZE; name <= SC_LEVEL4_CACHE_LINESIZE; name++)
		printf("sysconf %d %ld\n", name, sysconf(name));
	printf("hwcap %lu\n", getauxval(AT_HWCAP));
	while (scanf("%63s %127s %63s", library, symbol, version) == 3) {
		struct link_map *map = dlopen(library, RTLD_NOW);
		char *at = map ? dlvsym(map, symbol, version) : 0;

		printf("%s %s %s ", library, symbol, version);
		if (at && (unsigned long)at - vdso < 0x4000)
			printf("vdso+%#lx\n", (unsigned long)at - vdso);
		else if (at)
			printf("%#lx\n", (unsigned long)at - map->addr);
		else
			printf("not found\n");
	}
	return 0;
}

__attribute__((used)) void start(long *stack)
{
	__libc_start_main(run, (int)stack[0], (char **)(stack + 1), 0, 0, 0, stack);
}

__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start\n"
	"	hlt\n");
