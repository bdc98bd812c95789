/* ldlinux.c: what is read from the file of an ld-linux, and from damaged ones. */
#include <gnu/libc-version.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/sys.h"
#include "lib/fake_loader.h"
#include "lib/fake_sys.h"
#include "libc/glibc/ldlinux.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

#define PATH   "/test/ld-linux.so.2"
#define SYSTEM "/test/system-ld-linux.so.2"
#define REAL "/lib64/ld-linux-x86-64.so.2"

enum { PAGE = 4096, LIST = 64, COUNT = 3, RELOCATIONS = 1024, DYNAMIC = 2048 };

/* A file with a segment of constants and a writable one. */
struct file {
	Elf_Ehdr ehdr;
	Elf_Phdr phdr[3];
	char constants[PAGE - sizeof(Elf_Ehdr) - 3 * sizeof(Elf_Phdr)];
	char data[PAGE]; /* the list of tunables at LIST */
};

/* How a version of glibc writes an element. */
struct form {
	bool pointers;
	size_t type, alias, stride;
};

/* As in 2.31; 2.36; 2.41; 2.44, with names of up to 23 characters and aliases of up to 15. */
static const struct form forms[] = {
	{true, 8, 48, 56}, {false, 24, 64, 80}, {false, 24, 81, 96}, {false, 24, 82, 104}};

enum { NFORMS = sizeof forms / sizeof *forms };

static const struct glibc_tunable list[COUNT] = {
	{"glibc.malloc.arena_max", "MALLOC_ARENA_M", TUNABLE_SIZE, 1 << 20, 1, -1},
	{"glibc.cpu.hwcaps", "", TUNABLE_STRING, 0, 0, 0},
	{"glibc.test.large_one", "M", TUNABLE_INT32, -7, -(1LL << 40), 1LL << 40},
};

struct fixture {
	struct loader ld;
	struct file file;
	struct fake_file *on_disk;
	size_t text; /* bytes of constants that are used */
	size_t relocations;
	struct glibc_build build;
	struct libc_paths paths;
};

static uintptr_t address(const struct fixture *f, const void *at)
{
	return (uintptr_t)((const char *)at - (const char *)&f->file);
}

/* Appends a string to the constants; its address. */
static uintptr_t add_text(struct fixture *f, const char *text, size_t n)
{
	char *to = f->file.constants + f->text;

	memcpy(to, text, n);
	f->text += n;
	return address(f, to);
}

#define ADD_TEXT(f, text) add_text(f, text, sizeof text)

/* Writes a pointer, as a static linker does: a 0 with a relocation. */
static void put_pointer(struct fixture *f, char *at, const char *text)
{
	Elf_Rela *r = (Elf_Rela *)(f->file.data + RELOCATIONS) + f->relocations++;

	*r = (Elf_Rela){.r_offset = address(f, at),
		.r_info = ARCH_R_RELATIVE,
		.r_addend = (intptr_t)add_text(f, text, strlen(text) + 1)};
}

static void put_element(struct fixture *f, const struct form *form, size_t i)
{
	const struct glibc_tunable *t = &list[i];
	char *at = f->file.data + LIST + i * form->stride;
	const int64_t numbers[] = {t->type, t->min, t->max, t->value};

	memcpy(at + form->type, numbers, sizeof numbers);
	if (form->pointers) {
		put_pointer(f, at, t->name);
		if (t->alias[0])
			put_pointer(f, at + form->alias, t->alias);
	} else {
		strcpy(at, t->name);
		strcpy(at + form->alias, t->alias);
	}
	/* The value, which since 2.39 is behind the default. */
	if (form->alias > 64)
		memcpy(at + form->type + 40, &t->value, sizeof t->value);
}

static void put_list(struct fixture *f, const struct form *form)
{
	memset(f->file.data + LIST, 0, sizeof f->file.data - LIST);
	f->relocations = 0;
	for (size_t i = 0; i < COUNT; i++)
		put_element(f, form, i);
	const Elf_Dyn dynamic[] = {{DT_RELA, {PAGE + RELOCATIONS}},
		{DT_RELASZ, {f->relocations * sizeof(Elf_Rela)}}, {DT_RELAENT, {sizeof(Elf_Rela)}},
		{DT_NULL, {0}}};
	memcpy(f->file.data + DYNAMIC, dynamic, sizeof dynamic);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_reset();
	fake_loader_init(&f->ld);
	f->file.ehdr = (Elf_Ehdr){
		.e_ident = {0x7f, 'E', 'L', 'F', ELF_CLASS, ARCH_DATA, EV_CURRENT},
		.e_type = ET_DYN,
		.e_version = EV_CURRENT,
		.e_machine = ARCH_MACHINE,
		.e_phoff = offsetof(struct file, phdr),
		.e_phentsize = sizeof(Elf_Phdr),
		.e_phnum = 3,
	};
	f->file.phdr[0] =
		(Elf_Phdr){.p_type = PT_LOAD, .p_flags = PF_R, .p_filesz = PAGE, .p_memsz = PAGE};
	f->file.phdr[1] = (Elf_Phdr){.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_offset = PAGE,
		.p_vaddr = PAGE,
		.p_filesz = PAGE,
		.p_memsz = PAGE + 64};
	f->file.phdr[2] = (Elf_Phdr){.p_type = PT_DYNAMIC,
		.p_flags = PF_R | PF_W,
		.p_offset = PAGE + DYNAMIC,
		.p_vaddr = PAGE + DYNAMIC,
		.p_filesz = 64,
		.p_memsz = 64};
	ADD_TEXT(f, "");
	put_list(f, &forms[1]);
	f->on_disk = fake_add(PATH, &f->file, sizeof f->file, 0100755);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fake.open_now, 0);
	fake_loader_free(&f->ld);
	free(f);
	return 0;
}

static int read_tunables(struct fixture *f)
{
	struct ldlinux file;
	int r;

	f->build = (struct glibc_build){.ntunables = 0};
	assert_int_equal(ldlinux_open(&f->ld, &file, PATH), 0);
	r = ldlinux_tunables(&f->ld, &file, &f->build);
	if (r == 0)
		ldlinux_close(&f->ld, &file);
	return r;
}

static int read_paths(struct fixture *f)
{
	struct ldlinux file;
	int r;

	assert_int_equal(ldlinux_open(&f->ld, &file, PATH), 0);
	r = ldlinux_paths(&f->ld, &file, &f->paths);
	if (r == 0)
		ldlinux_close(&f->ld, &file);
	return r;
}

static int open_only(struct fixture *f)
{
	struct ldlinux file;

	return ldlinux_open(&f->ld, &file, PATH);
}

static void assert_same(const struct glibc_tunable *a, const struct glibc_tunable *b)
{
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->alias, b->alias);
	assert_int_equal(a->type, b->type);
	assert_true(a->value == b->value && a->min == b->min && a->max == b->max);
}

static void assert_list(struct fixture *f)
{
	assert_int_equal(read_tunables(f), 0);
	assert_int_equal(f->build.ntunables, COUNT);
	for (size_t i = 0; i < COUNT; i++)
		assert_same(glibc_tunable_at(&f->build, i), &list[i]);
}

static void refuse_list(struct fixture *f, const char *message)
{
	assert_int_equal(read_tunables(f), -1);
	fake_assert_message(&f->ld, message);
}

/* ---- Tunables ---- */

static void each_form(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < NFORMS; i++) {
		put_list(f, &forms[i]);
		assert_list(f);
	}
}

static void no_list(void **state)
{
	struct fixture *f = *state;

	memset(f->file.data + LIST, 0, forms[1].stride * COUNT);
	refuse_list(f, PATH ": its list of tunables was not found");
	strcpy(f->file.data + LIST, "glibc.alone.one");
	refuse_list(f, PATH ": its list of tunables was not found");
	strcpy(f->file.data + LIST, "glibc.alone");
	strcpy(f->file.data + LIST + 80, "glibc..two");
	refuse_list(f, PATH ": its list of tunables was not found");
}

/* Names at one distance, but the rest is not what is known. */
static void strange_forms(void **state)
{
	struct fixture *f = *state;
	char *first = f->file.data + LIST;

	first[forms[1].alias] = '!';
	refuse_list(f, PATH ": its list of 3 tunables is of no known form (elements of 80 bytes)");
	put_list(f, &forms[1]);
	first[forms[1].type] = 4;
	refuse_list(f, PATH ": tunable glibc.malloc.arena_max: its type is not one that is known");
	put_list(f, &forms[0]);
	Elf_Rela *r = (Elf_Rela *)(f->file.data + RELOCATIONS);
	r[1].r_addend = 0x7fffffff; /* the first alias */
	refuse_list(f, PATH ": tunable glibc.malloc.arena_max: its alias is not one that is known");
	r[1].r_addend = PAGE - 1;
	f->file.constants[sizeof f->file.constants - 1] = 'x'; /* no 0 in its segment */
	refuse_list(f, PATH ": tunable glibc.malloc.arena_max: its alias is not one that is known");
	r[0].r_addend =
		(intptr_t)ADD_TEXT(f, "glibc.test.a_name_of_more_than_forty_three_characters");
	refuse_list(f, PATH ": tunable glibc.test.a_name_of_more_than_forty_three_characters: its "
			    "name is not one that is known");
}

static void list_at_the_end(void **state)
{
	struct fixture *f = *state;

	f->file.phdr[1].p_filesz = f->file.phdr[1].p_memsz = LIST + 2 * forms[1].stride + 4;
	f->file.phdr[2] = (Elf_Phdr){.p_type = PT_DYNAMIC,
		.p_flags = PF_R,
		.p_offset = PAGE - 16,
		.p_vaddr = PAGE - 16,
		.p_filesz = 16,
		.p_memsz = 16};
	assert_int_equal(read_tunables(f), 0); /* without the third */
	assert_int_equal(f->build.ntunables, 2);
	f->file.phdr[1].p_filesz = f->file.phdr[1].p_memsz = LIST + forms[1].stride + 32;
	refuse_list(f, PATH ": its list of 2 tunables is of no known form (elements of 80 bytes)");
}

/* ---- Directories ---- */

static void assert_paths(struct fixture *f, const char *directories, const char *lib)
{
	assert_int_equal(read_paths(f), 0);
	assert_string_equal(f->paths.directories, directories);
	assert_string_equal(f->paths.lib, lib);
}

static void directories(void **state)
{
	struct fixture *f = *state;
	size_t start = f->text;

	assert_int_equal(read_paths(f), -1);
	fake_assert_message(&f->ld, PATH ": its default directories were not found");
	ADD_TEXT(f, "/"); /* these are none */
	ADD_TEXT(f, "//");
	ADD_TEXT(f, "/usr//");
	ADD_TEXT(f, "/etc/ld.so.cache");
	assert_int_equal(read_paths(f), -1);
	diag_clear(&f->ld.diag);
	ADD_TEXT(f, "/nix/store/x-glibc-2.39/lib/\0");
	assert_paths(f, "/nix/store/x-glibc-2.39/lib", "lib");
	ADD_TEXT(f, "/lib64/\0/usr/lib64/\0"); /* the longest list */
	assert_paths(f, "/lib64:/usr/lib64", "lib64");
	f->text = start;
	memset(f->file.constants + start, 0, 256);
	ADD_TEXT(f, "/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0/usr/lib/\0");
	assert_paths(f, "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib:/usr/lib",
		"x86_64-linux-gnu");
	ADD_TEXT(f, "ORIGIN\0PLATFORM\0LIB\0lib/x86_64-linux-gnu");
	assert_paths(f, "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib:/usr/lib",
		"lib/x86_64-linux-gnu");
}

/* The string that is behind "LIB" is something else: the linker has merged $LIB with the end of
 * another string. */
static void merged_lib(void **state)
{
	struct fixture *f = *state;

	ADD_TEXT(f, "ORIGIN\0PLATFORM\0LIB\0system search path");
	ADD_TEXT(f, "/opt/lib/\0/opt/lib32/\0");
	assert_paths(f, "/opt/lib:/opt/lib32", "lib");
	memcpy(f->file.constants + sizeof f->file.constants - 13, "PLATFORM\0LIB", 13);
	assert_paths(f, "/opt/lib:/opt/lib32", "lib");
}

/* ---- A myld.so in the place of an ld-linux ---- */

/* Gives the file the one symbol that tells. */
static void make_myld(struct fixture *f)
{
	enum { SYMBOLS = 512, STRINGS = 700, HASH = 800 };
	static const char strings[] = "\0myld_maps";
	const Elf_Sym symbols[] = {{0}, {.st_name = 1,
						.st_info = STB_GLOBAL << 4 | STT_FUNC,
						.st_shndx = 1,
						.st_value = 8}};
	const uint32_t hash[] = {1, 2, 1, 0, 0};
	const Elf_Dyn dynamic[] = {{DT_SYMTAB, {SYMBOLS}}, {DT_STRTAB, {STRINGS}},
		{DT_STRSZ, {sizeof strings}}, {DT_HASH, {HASH}}, {DT_NULL, {0}}};
	char *start = (char *)&f->file;

	memcpy(start + SYMBOLS, symbols, sizeof symbols);
	memcpy(start + STRINGS, strings, sizeof strings);
	memcpy(start + HASH, hash, sizeof hash);
	memcpy(f->file.data + DYNAMIC, dynamic, sizeof dynamic);
	f->file.phdr[2].p_filesz = f->file.phdr[2].p_memsz = sizeof dynamic;
}

static void displaced(void **state)
{
	struct fixture *f = *state;
	struct file good = f->file;

	make_myld(f);
	assert_int_equal(open_only(f), -1);
	fake_assert_message(&f->ld, SYSTEM ": No such file or directory");
	fake_add(SYSTEM, &good, sizeof good, 0100755);
	assert_int_equal(open_only(f), 0);
	assert_list(f); /* of the other file: this one's was overwritten */
	fake.files[fake.nfiles - 1].data = &f->file;
	assert_int_equal(open_only(f), -1);
	fake_assert_message(&f->ld, SYSTEM ": a myld.so, too");
}

/* ---- Damaged files ---- */

static void refuse(struct fixture *f, const char *message)
{
	struct ldlinux file;

	assert_int_equal(ldlinux_open(&f->ld, &file, PATH), -1);
	fake_assert_says(&f->ld, message);
}

static void broken_files(void **state)
{
	struct fixture *f = *state;
	struct file good = f->file;

	f->on_disk->open_error = -SYS_EACCES;
	refuse(f, PATH ": Permission denied");
	f->on_disk->open_error = 0;
	f->on_disk->fstat_error = -SYS_EIO;
	refuse(f, PATH ": ");
	f->on_disk->fstat_error = 0;
	f->on_disk->read_error = -SYS_EIO;
	refuse(f, PATH ": cannot read");
	f->on_disk->read_error = 0;
	f->on_disk->size = 40;
	refuse(f, "file too short");
	f->on_disk->size = PAGE + 100;
	refuse(f, "ends beyond the file");
	f->on_disk->size = sizeof f->file;
	f->file.ehdr.e_ident[EI_CLASS] = 3 - ELF_CLASS;
	refuse(f, "wrong ELF class");
	f->file = good;
	f->file.phdr[1].p_memsz = 1 << 28;
	refuse(f, "its segments span 0x10001000 bytes, expected at most 0x1000000");
	f->file = good;
	f->file.phdr[2].p_memsz = 16; /* no DT_NULL */
	refuse(f, "PT_DYNAMIC: no DT_NULL");
	f->file = good;
	((Elf_Dyn *)(f->file.data + DYNAMIC))[1].d_un.d_val = 1 << 20;
	refuse(f, "DT_RELA");
}

static void without_memory(void **state)
{
	struct fixture *f = *state;

	ADD_TEXT(f, "/lib64/\0/usr/lib64/\0");
	f->ld.permanent.end = f->ld.permanent.next;
	refuse_list(f, PATH ": no memory for its 3 tunables");
	assert_int_equal(read_paths(f), -1);
	fake_assert_message(&f->ld, PATH ": no memory for its default directories");
}

/* It is looked for beside libc, whatever way led there. */
static void beside_libc(void **state)
{
	struct fixture *f = *state;
	const char *needed[] = {"libx.so", "ld-linux.so.2"};
	struct dso libc = {.path = "/test/libc.so.6", .needed = needed, .nneeded = 2};
	struct ldlinux file;

	assert_int_equal(ldlinux_open_beside(&f->ld, &file, &libc), 0);
	assert_string_equal(fake.opened, PATH "\n");
	libc.path = "libc.so.6";
	assert_int_equal(ldlinux_open_beside(&f->ld, &file, &libc), -1);
	fake_assert_message(&f->ld, "ld-linux.so.2: No such file or directory");
	needed[1] = "ld/../../x";
	assert_int_equal(ldlinux_open_beside(&f->ld, &file, &libc), -1);
	fake_assert_message(&f->ld, "libc.so.6: DT_NEEDED names no ld-linux");
}

/* ---- The ld-linux that this test runs with ---- */

static bool exports(
	struct fixture *f, struct ldlinux *file, const char *symbol, const char *version)
{
	const struct version v = {.name = version, .hash = hash_sysv(version)};

	return ldlinux_exports(&f->ld, file, symbol, &v);
}

static void the_real_one(void **state)
{
	static struct libc_abi abi;
	struct fixture *f = *state;
	struct glibc_build build = {.ntunables = 0}, table = build;
	FILE *in = fopen(REAL, "rb");
	char *data = malloc(1 << 22);
	struct ldlinux file;
	const struct glibc_row *row;

	assert_non_null(in);
	abi = *f->ld.abi;
	abi.match_versions = true;
	f->ld.abi = &abi;
	fake_add(REAL, data, fread(data, 1, 1 << 22, in), 0100755);
	fclose(in);
	assert_int_equal(ldlinux_open(&f->ld, &file, REAL), 0);
	assert_true(exports(f, &file, "__tls_get_addr", "GLIBC_2.3"));
	assert_false(exports(f, &file, "__tls_get_addr", "GLIBC_2.2.5"));
	assert_false(exports(f, &file, "__tls_get_addres", "GLIBC_2.3"));
	assert_int_equal(ldlinux_paths(&f->ld, &file, &f->paths), 0);
	assert_int_equal(ldlinux_tunables(&f->ld, &file, &build), 0);
	for (size_t i = 0; (row = glibc_row_at(i)); i++) {
		if (strcmp(row->version, gnu_get_libc_version()))
			continue;
		glibc_read_build(row, &table);
		assert_int_equal(build.ntunables, table.ntunables);
		for (size_t id = 0; id < build.ntunables; id++)
			assert_same(glibc_tunable_at(&build, id), glibc_tunable_at(&table, id));
	}
	free(data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_form),
		TEST(no_list),
		TEST(strange_forms),
		TEST(list_at_the_end),
		TEST(directories),
		TEST(merged_lib),
		TEST(displaced),
		TEST(broken_files),
		TEST(without_memory),
		TEST(beside_libc),
		TEST(the_real_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
