/* layouts.c LIBC [words]: which build a libc.so.6 is taken for; by its words alone (its notes are
 * out of sight) if told so.  Prints the package, and then as gen/glibc-layout.c does what the tables
 * say of it; or the messages and exits 1.  For layouts.py. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fake_memory.h"
#include "lib/fake_sys.h"
#include "libc/glibc/layout_file.h"
#include "state/loader.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"

#define LDSO ARCH_GLIBC_LD

bool dso_contains(const struct dso *d, uintptr_t v, size_t size, unsigned flags)
{
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++)
		if (p->p_type == PT_LOAD && (p->p_flags & flags) == flags && v >= p->p_vaddr &&
			v - p->p_vaddr <= p->p_memsz && size <= p->p_memsz - (v - p->p_vaddr))
			return true;
	return false;
}

/* What was learnt is not asked here. */
int layout_file_find(
	struct loader *ld, const char *build_id, struct layout_file *f, const char **why)
{
	(void)ld, (void)build_id, (void)f, (void)why;
	return 0;
}

/* Makes a file known under its own path; its contents, or NULL. */
static char *add_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	char *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	fake_add(path, data, (size_t)st.st_size, 0100755);
	return data;
}

static void add_beside(const char *path, const char *name)
{
	char *beside;

	if (asprintf(&beside, "%.*s%s", (int)(path_base(path) - path), path, name) > 0)
		add_file(beside);
}

/* The segments where they would lie, from address 0 on. */
static char *load(const char *file, const Elf_Phdr *phdr, size_t n)
{
	char *memory = calloc(1, 1 << 23);

	for (const Elf_Phdr *p = phdr; p < phdr + n; p++)
		if (p->p_type == PT_LOAD && p->p_vaddr + p->p_memsz <= 1 << 23)
			memcpy(memory + p->p_vaddr, file + p->p_offset, p->p_filesz);
	return memory;
}

static void print_field(const char *part, const char *name, uint16_t offset)
{
	if (offset == GLIBC_NONE)
		printf("field %s.%s NONE\n", part, name);
	else
		printf("field %s.%s %u\n", part, name, offset);
}

static void print_fields(const struct glibc_layout *l)
{
	const uint16_t *next = (const uint16_t *)l;
	const char *part;

#define PART(name, ...)  part = #name;
#define FIELD(name, ...) print_field(part, #name, *next++);
#include "layouts.def"
}

static void print_tunables(const struct glibc_build *b)
{
	static const char *const types[] = {"INT32", "UINT64", "SIZE", "STRING"};

	for (size_t i = 0; i < b->ntunables; i++) {
		const struct glibc_tunable *t = glibc_tunable_at(b, i);

		printf("tunable %s %s %s %jd %jd %jd\n", t->name + strlen("glibc."),
			t->alias[0] ? t->alias : "-", types[t->type], (intmax_t)t->value,
			(intmax_t)t->min, (intmax_t)t->max);
	}
}

int main(int argc, char **argv)
{
	static const char *needed[] = {LDSO};
	char *path = argc > 1 ? argv[1] : "", text[8192];
	struct loader ld = {.diag.arena = &ld.scratch};
	Elf_Phdr phdr[32];

	fake_reset();
	fake_arena_init(&ld.scratch, 1 << 16);
	fake_arena_init(&ld.writable, 1 << 20);
	heap_init(&ld.heap, &ld.writable);
	fake_arena_init(&ld.permanent, 1 << 16);
	char *file = add_file(path);
	add_beside(path, LDSO);
	add_beside(path, "libpthread.so.0");
	const Elf_Ehdr *e = (const Elf_Ehdr *)file;
	if (!e || e->e_phnum > 32) {
		fprintf(stderr, "usage: layouts LIBC [words]\n");
		return 2;
	}
	memcpy(phdr, file + e->e_phoff, e->e_phnum * sizeof *phdr);
	struct dso libc = {.path = path,
		.base = (uintptr_t)load(file, phdr, e->e_phnum),
		.phdr = phdr,
		.phnum = e->e_phnum,
		.needed = needed,
		.nneeded = 1};
	for (size_t i = 0; argc > 2 && i < e->e_phnum; i++)
		if (phdr[i].p_type == PT_NOTE)
			phdr[i].p_type = PT_NULL;

	const struct glibc_build *b = glibc_find_build(&ld, &libc);
	if (b) {
		puts(b->package);
		print_fields(&b->layout);
		print_tunables(b);
		return 0;
	}
	diag_text(&ld.diag, text, sizeof text);
	puts(text);
	return 1;
}
