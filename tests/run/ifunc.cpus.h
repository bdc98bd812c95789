/* ifunc.cpus.h: a processor as a text file: "leaf subleaf: eax ebx ecx edx", all in hexadecimal, a
 * line each, and "xcr0: value".  What is not there is zero; a leaf's subleaf 0 does not stand for
 * others.  Lines with a # in front are remarks.
 */
#ifndef IFUNC_CPUS_H
#define IFUNC_CPUS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/x86_64/cpuid.h"

struct cpu_table {
	struct {
		uint32_t leaf, subleaf;
		struct cpuid answer;
	} row[128];
	unsigned rows;
	uint64_t xcr0;
};

static inline void table_read(struct cpu_table *t, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];
	unsigned n[6];
	unsigned long xcr0;

	if (!file) {
		perror(path);
		exit(2);
	}
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%x %x: %x %x %x %x", n, n + 1, n + 2, n + 3, n + 4, n + 5) == 6 &&
			t->rows < 128) {
			t->row[t->rows].leaf = n[0];
			t->row[t->rows].subleaf = n[1];
			for (unsigned i = 0; i < 4; i++)
				t->row[t->rows].answer.reg[i] = n[2 + i];
			t->rows++;
		} else if (sscanf(line, "xcr0: %lx", &xcr0) == 1) {
			t->xcr0 = xcr0;
		} else if (line[0] != '#' && line[0] != '\n') {
			fprintf(stderr, "%s: not understood: %s", path, line);
			exit(2);
		}
	}
	fclose(file);
}

/* The other leaves do not look at ecx, and who asks for them need not set it. */
static inline int table_has_subleaves(uint32_t leaf)
{
	return leaf == 4 || leaf == 7 || leaf == 0xb || leaf == 0xd || leaf == 0x14 ||
	       leaf == 0x24 || leaf == 0x8000001d;
}

static inline struct cpuid table_find(const struct cpu_table *t, uint32_t leaf, uint32_t subleaf)
{
	for (unsigned i = 0; i < t->rows; i++)
		if (t->row[i].leaf == leaf &&
			(t->row[i].subleaf == subleaf || !table_has_subleaves(leaf)))
			return t->row[i].answer;
	return (struct cpuid){{0}};
}

#endif
