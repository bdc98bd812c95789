/* Freshly allocated and freed memory shows glibc.malloc.perturb; the choice of memcpy the hwcaps.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	unsigned char *volatile memory = malloc(5000);
	int *size = dlsym(RTLD_DEFAULT, "__rseq_size"),
	    *flags = dlsym(RTLD_DEFAULT, "__rseq_flags");
	char *memcpy_address = dlsym(RTLD_DEFAULT, "memcpy"), *base;
	Dl_info info;

	printf("fresh: %d\n", memory[100]);
	memory[101] = 7;
	free(memory);
	memory = malloc(5000);
	printf("again: %d %d\n", memory[100], memory[101]);
	if (size)
		printf("rseq: %d flags %d\n", *size, *flags);
	dladdr(memcpy_address, &info);
	base = info.dli_fbase;
	printf("memcpy: %lx\n", (long)(memcpy_address - base));
	printf("strlen: %lx\n", (long)((char *)dlsym(RTLD_DEFAULT, "strlen") - base));
	printf("memset: %lx\n", (long)((char *)dlsym(RTLD_DEFAULT, "memset") - base));
	printf("strchr: %lx\n", (long)((char *)dlsym(RTLD_DEFAULT, "strchr") - base));
	return 0;
}
