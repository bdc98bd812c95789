/* layout.c: which table a libc gets, by its build-id, by what else it says, or none at all. */
#include <gnu/libc-version.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "lib/fake_loader.h"
#include "lib/fake_sys.h"
#include "libc/glibc/layout.c"

#undef fail /* cmocka has its own */
#include <cmocka.h>

#define ID(x)                                                                                      \
	{                                                                                          \
		x, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, x                \
	}
#define HEX_ID(x)  x "0102030405060708090a0b0c0d0e0f101112" x
#define UNKNOWN_ID HEX_ID("aa")

/* The real tables stand behind two rows and two columns of this test's. */
#define glibc_row_at             real_row
#define glibc_layout_at          real_layout
#define glibc_read_layout        real_read_layout
#define glibc_read_build         real_read_build
#define glibc_read_unknown_build real_read_unknown_build
#include "libc/glibc/tables.c"
#undef glibc_row_at
#undef glibc_layout_at
#undef glibc_read_layout
#undef glibc_read_build
#undef glibc_read_unknown_build

#define OURS 2 /* columns of this test's */

static const struct glibc_layout_row columns_of_test[OURS] = {{"narrow", 199}, {"wide", 199}};
static struct glibc_layout narrow, wide;
static const struct glibc_row one = {
	.version = "2.199", .package = "libc6 2.199-1", .build_id = HEX_ID("01"), .layout = 0};
static const struct glibc_row two = {
	.version = "2.199", .package = "libc6 2.199-2", .build_id = HEX_ID("02"), .layout = 1};

/* Both layouts, with all fields that no fact is about the same. */
static void make_layouts(void)
{
	narrow = (struct glibc_layout){.ro.size = 100,
		.global.size = 200,
		.pthread = {.size = 300, .tid = 72},
		.map.tls_modid = 40,
		.rules.rseq_size = GLIBC_NONE};
	wide = narrow;
	wide.ro.size = 104;
	wide.map.tls_modid = 48;
}

const struct glibc_row *glibc_row_at(size_t i)
{
	return i == 0 ? &one : i == 1 ? &two : real_row(i - 2);
}

const struct glibc_layout_row *glibc_layout_at(size_t i)
{
	return i < OURS ? &columns_of_test[i] : real_layout(i - OURS);
}

void glibc_read_layout(size_t i, struct glibc_layout *l)
{
	if (i < OURS)
		*l = i == 0 ? narrow : wide;
	else
		real_read_layout(i - OURS, l);
}

void glibc_read_unknown_build(size_t i, struct glibc_build *b)
{
	real_read_unknown_build(i < OURS ? 0 : i - OURS, b);
	b->minor = glibc_layout_at(i)->minor;
	glibc_read_layout(i, &b->layout);
}

void glibc_read_build(const struct glibc_row *row, struct glibc_build *b)
{
	real_read_build(row, b);
	if (row == &one || row == &two)
		glibc_read_layout(row->layout, &b->layout);
}

/* A file that is mapped as it is. */
struct image {
	Elf_Ehdr ehdr;
	Elf_Phdr phdr[2];
	uint32_t note[32];
	char banner[128];
	uint32_t words[12][3];
	Elf_Sym sym[12];
	char str[512];
	ELF_T(Shdr) shdr[3];
};

struct fixture {
	struct loader ld;
	struct dso libc;
	struct image file, ldso, pthread;
	char text[4096];
	struct fake_file *files[3];
};

static void make_image(struct image *im)
{
	im->ehdr = (Elf_Ehdr){
		.e_ident = {0x7f, 'E', 'L', 'F', ELF_CLASS, ARCH_DATA, EV_CURRENT},
		.e_machine = ARCH_MACHINE,
		.e_phoff = offsetof(struct image, phdr),
		.e_phentsize = sizeof *im->phdr,
		.e_phnum = 2,
		.e_shoff = offsetof(struct image, shdr),
		.e_shentsize = sizeof *im->shdr,
		.e_shnum = 3,
	};
	im->phdr[0] = (Elf_Phdr){
		.p_type = PT_LOAD, .p_flags = PF_R, .p_filesz = sizeof *im, .p_memsz = sizeof *im};
	im->phdr[1] = (Elf_Phdr){.p_type = PT_NOTE,
		.p_flags = PF_R,
		.p_vaddr = offsetof(struct image, note),
		.p_filesz = sizeof im->note,
		.p_memsz = sizeof im->note,
		.p_align = 4};
	im->shdr[1] = (ELF_T(Shdr)){.sh_type = SHT_DYNSYM,
		.sh_offset = offsetof(struct image, sym),
		.sh_size = sizeof im->sym,
		.sh_link = 2};
	im->shdr[2] = (ELF_T(Shdr)){.sh_type = SHT_STRTAB,
		.sh_offset = offsetof(struct image, str),
		.sh_size = sizeof im->str};
}

/* The next symbol; value is an offset into the image. */
static void add_symbol(struct image *im, const char *name, size_t value, size_t size)
{
	size_t i = 0, at = 1;

	for (; im->sym[i].st_name; i++)
		at = im->sym[i].st_name + strlen(im->str + im->sym[i].st_name) + 1;
	strcpy(im->str + at, name);
	im->sym[i] = (Elf_Sym){
		.st_name = (uint32_t)at, .st_shndx = 1, .st_value = value, .st_size = size};
}

/* A description of the field at `offset`, or (offset 0) of the structure of `size`. */
static void describe(struct image *im, const char *name, uint32_t size, uint32_t offset)
{
	size_t i = 0;

	while (im->sym[i].st_name)
		i++;
	im->words[i][0] = size;
	im->words[i][2] = offset;
	add_symbol(im, name, (size_t)((char *)im->words[i] - (char *)im), offset ? 12 : 4);
}

static void describe_structures(struct image *im, uint32_t modid)
{
	describe(im, "_thread_db_sizeof_pthread", 300, 0);
	describe(im, "_thread_db_pthread_tid", 32, 72);
	describe(im, "_thread_db_link_map_l_tls_modid", 64, modid);
}

static void set_note(uint32_t *note, uint32_t type, uint32_t namesz, uint32_t descsz)
{
	note[0] = namesz;
	note[1] = descsz;
	note[2] = type;
	memcpy(note + 3, "GNU", 4);
}

static void set_id(struct fixture *f, unsigned char x)
{
	const unsigned char id[20] = ID(x);

	set_note(f->file.note, NT_GNU_BUILD_ID, 4, 20);
	memcpy(f->file.note + 4, id, 20);
}

/* A libc that no table is of, whose every word agrees with that of "two". */
static int set_up(void **state)
{
	static const char *needed[] = {"libx.so", "ld-linux.so.2"};
	struct fixture *f = calloc(1, sizeof *f);

	fake_reset();
	fake_loader_init(&f->ld);
	make_layouts();
	make_image(&f->file);
	make_image(&f->ldso);
	make_image(&f->pthread);
	set_id(f, 0xaa);
	strcpy(f->file.banner,
		"GNU C Library (Some GLIBC 2.199-3) stable release version 2.199.\nCopyright");
	describe_structures(&f->file, 48);
	add_symbol(&f->ldso, "_rtld_global", 0, 200);
	add_symbol(&f->ldso, "_rtld_global_ro@@GLIBC_PRIVATE", 0, 104);
	f->libc = (struct dso){.path = "/test/libc.so.6",
		.base = (uintptr_t)&f->file,
		.phdr = f->file.phdr,
		.phnum = 2,
		.needed = needed,
		.nneeded = 2};
	f->files[0] = fake_add("/test/libc.so.6", &f->file, sizeof f->file, 0100755);
	f->files[1] = fake_add("/test/ld-linux.so.2", &f->ldso, sizeof f->ldso, 0100755);
	f->files[2] = fake_add("/test/libpthread.so.0", &f->pthread, sizeof f->pthread, 0100755);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	fake_loader_free(&f->ld);
	free(f);
	return 0;
}

/* The libc is a build of this layout; package: of its row, or what the banner says. */
static void assert_build(struct fixture *f, const struct glibc_layout *l, const char *package)
{
	const struct glibc_build *b = glibc_find_build(&f->ld, &f->libc);

	assert_int_equal(fake.open_now, 0);
	assert_non_null(b);
	assert_string_equal(b->package, package);
	assert_string_equal(b->version, "2.199");
	assert_int_equal(b->minor, 199);
	assert_memory_equal(&b->layout, l, sizeof *l);
	assert_in_range(b->ntunables, 1, GLIBC_NTUNABLES);
}

static void assert_row(struct fixture *f, const struct glibc_row *row)
{
	assert_build(f, row == &one ? &narrow : &wide, row->package);
}

static void assert_layout(struct fixture *f, const struct glibc_layout *l)
{
	assert_build(f, l, "Some GLIBC 2.199-3");
}

/* There is no table, and the messages begin so; the last one says what to do. */
static void assert_unknown(struct fixture *f, const char *start)
{
	assert_null(glibc_find_build(&f->ld, &f->libc));
	assert_int_equal(fake.open_now, 0);
	diag_text(&f->ld.diag, f->text, sizeof f->text);
	if (strncmp(f->text, start, strlen(start)))
		assert_string_equal(f->text, start);
	assert_non_null(strstr(f->text, "make glibc-layout DEB="));
	diag_clear(&f->ld.diag);
}

#define UNKNOWN                                                                                    \
	"/test/libc.so.6: no table of this glibc's layout (Some GLIBC 2.199-3, "                   \
	"build-id " UNKNOWN_ID "): "

/* ---- the build-id ---- */

static void id_decides(void **state)
{
	struct fixture *f = *state;

	set_id(f, 1);
	assert_row(f, &one);
	set_id(f, 2);
	assert_row(f, &two);
	assert_string_equal(fake.opened, "");
}

static void id_behind_other_notes(void **state)
{
	struct fixture *f = *state;

	memmove(f->file.note + 5, f->file.note, 40);
	set_note(f->file.note, 5, 4, 3); /* its descriptor is padded */
	f->file.note[6] = 20;
	((unsigned char *)(f->file.note + 9))[0] = 1;
	((unsigned char *)(f->file.note + 9))[19] = 1;
	assert_row(f, &one);
	assert_string_equal(fake.opened, "");
}

static void id_of_an_aligned_note(void **state)
{
	struct fixture *f = *state;

	f->file.phdr[1].p_align = 8;
	set_note(f->file.note, 5, 4, 4);
	set_note(f->file.note + 6, NT_GNU_BUILD_ID, 4, 20);
	const unsigned char id[20] = ID(2);
	memcpy(f->file.note + 10, id, 20);
	assert_row(f, &two);
	assert_string_equal(fake.opened, "");
}

/* Each of these would be "one" if the note counted; it is found by its words instead. */
static void broken_notes(void **state)
{
	struct fixture *f = *state;
	uint32_t *note = f->file.note;

	set_id(f, 1);
	note[0] = 0xffffffff;
	assert_layout(f, &wide);
	set_id(f, 1);
	note[1] = 0xffffffff;
	assert_layout(f, &wide);
	set_id(f, 1);
	note[1] = 19;
	assert_layout(f, &wide);
	set_id(f, 1);
	note[2] = 1;
	assert_layout(f, &wide);
	set_id(f, 1);
	memcpy(note + 3, "GNX", 4);
	assert_layout(f, &wide);
	set_id(f, 1);
	f->file.phdr[1].p_filesz = 35; /* one byte short */
	assert_layout(f, &wide);
	f->file.phdr[1].p_filesz = 36;
	assert_row(f, &one);
	f->file.phdr[1].p_filesz = sizeof f->file; /* ends behind the segment */
	assert_true(
		build_id_notes(&f->file.phdr[1]) > sizeof f->file - offsetof(struct image, note));
	assert_layout(f, &wide);
	memmove(note + 5, note, 40);
	set_note(note, 5, 4, 3);
	f->file.phdr[1].p_filesz = 19; /* ends within the padding */
	assert_layout(f, &wide);
	set_id(f, 1);
	f->file.phdr[1].p_filesz = 36;
	f->file.phdr[1].p_vaddr = (uintptr_t)-8;
	assert_layout(f, &wide);
}

/* ---- a libc whose build-id is in no table ---- */

static void words_decide(void **state)
{
	struct fixture *f = *state;

	assert_layout(f, &wide);
	assert_string_equal(fake.opened, "/test/ld-linux.so.2\n/test/libc.so.6\n");
	f->ldso.sym[1].st_size = 100;
	f->file.words[2][2] = 40;
	assert_layout(f, &narrow);
}

/* As in 2.31: the descriptions are libpthread's, and not exported. */
static void words_of_libpthread(void **state)
{
	struct fixture *f = *state;

	memset(f->file.sym, 0, sizeof f->file.sym);
	describe_structures(&f->pthread, 48);
	f->pthread.shdr[0] = f->pthread.shdr[1];
	f->pthread.shdr[0].sh_type = SHT_SYMTAB;
	f->pthread.shdr[1].sh_size = 0;
	assert_layout(f, &wide);
	assert_string_equal(
		fake.opened, "/test/ld-linux.so.2\n/test/libc.so.6\n/test/libpthread.so.0\n");
	f->pthread.words[1][2]++;
	assert_unknown(f, UNKNOWN "_thread_db_pthread_tid says 73, expected 72 as in wide");
}

static void each_word_counts(void **state)
{
	struct fixture *f = *state;

	f->ldso.sym[1].st_size = 108;
	assert_unknown(f, UNKNOWN "_rtld_global_ro says 108, expected 10");
	f->ldso.sym[1].st_size = 104;
	f->ldso.sym[0].st_size = 208;
	assert_unknown(f, UNKNOWN "_rtld_global says 208, expected 200 as in wide");
	f->ldso.sym[0].st_size = 200;
	f->file.words[0][0] = 304;
	assert_unknown(f, UNKNOWN "_thread_db_sizeof_pthread says 304, expected 300 as in wide");
	f->file.words[0][0] = 300;
	f->file.words[2][2] = 40;
	assert_unknown(
		f, UNKNOWN "_thread_db_link_map_l_tls_modid says 40, expected 48 as in wide");
}

static void version_without_a_table(void **state)
{
	struct fixture *f = *state;

	strcpy(f->file.banner,
		"GNU C Library (Some GLIBC 2.199-3) stable release version 9.9.\nCopyright");
	assert_unknown(f, UNKNOWN "there is none of version 9.9; make");
	strcpy(f->file.banner,
		"GNU C Library (Some GLIBC 2.199-3) development release version 2.199.9000.\n");
	assert_unknown(f, UNKNOWN "there is none of version 2.199.9000; make");
	strcpy(f->file.banner,
		"GNU C Library (Some GLIBC 2.199-3) stable release version 2.1999999999999999.\n");
	assert_unknown(f, UNKNOWN "it has no banner that says its version; make");
	assert_string_equal(fake.opened, "");
	f->file.phdr[1].p_type = PT_NULL;
	f->file.banner[0] = 0;
	assert_unknown(f,
		"/test/libc.so.6: no table of this glibc's layout (unknown package, build-id none"
		"): it has no banner that says its version; make");
}

#define NOT_COMPARED "\n" UNKNOWN "it can't be compared with its version's; make"

static void files_that_say_nothing(void **state)
{
	struct fixture *f = *state;

	f->libc.nneeded = 1;
	assert_unknown(f, "/test/libc.so.6: DT_NEEDED names no ld-linux" NOT_COMPARED);
	f->libc.nneeded = 2;
	f->files[1]->open_error = -SYS_EACCES;
	assert_unknown(f, "/test/ld-linux.so.2: Permission denied" NOT_COMPARED);
	f->files[1]->open_error = 0;
	f->ldso.sym[0].st_shndx = SHN_UNDEF;
	assert_unknown(
		f, "/test/libc.so.6: its ld-linux does not define _rtld_global and _rtld_global_ro" NOT_COMPARED);
	f->ldso.sym[0].st_shndx = 1;
	memset(f->file.sym, 0, sizeof f->file.sym);
	f->files[2]->open_error = -SYS_EACCES;
	assert_unknown(f, "/test/libpthread.so.0: Permission denied" NOT_COMPARED);
}

/* Without descriptions, as in a libpthread that was stripped, the sizes are enough. */
static void no_descriptions(void **state)
{
	struct fixture *f = *state;

	memset(f->file.sym, 0, sizeof f->file.sym);
	assert_layout(f, &wide);
	f->ldso.sym[1].st_size = 100;
	assert_layout(f, &narrow);
}

/* The layouts have the same facts, and differ in a field that libc reads or does not read. */
static void facts_of_two(void **state)
{
	struct fixture *f = *state;

	wide = narrow;
	f->ldso.sym[1].st_size = 100;
	f->file.words[2][2] = 40;
	wide.map.text_end++;
	assert_layout(f, &narrow);
	wide.pthread.guardsize++;
	assert_unknown(f, UNKNOWN "it could be narrow or wide, which differ in pthread.guardsize");
	wide = narrow;
	wide.rules.closed_first++;
	assert_unknown(f, UNKNOWN "it could be narrow or wide, which differ in rules.closed_first");
}

static void symbol_that_only_one_has(void **state)
{
	struct fixture *f = *state;

	add_symbol(&f->ldso, "__rseq_offset@@GLIBC_2.35", 0, 8);
	assert_unknown(f, UNKNOWN "its ld-linux has __rseq_offset, expected none as in wide");
	wide.rules.rseq_size = 20;
	assert_layout(f, &wide);
	narrow.rules.rseq_size = 20;
	wide = narrow;
	wide.rules.rseq_size = GLIBC_NONE;
	f->ldso.sym[1].st_size = 100;
	f->file.words[2][2] = 40;
	assert_layout(f, &narrow);
	memset(&f->ldso.sym[2], 0, sizeof *f->ldso.sym);
	assert_layout(f, &wide);
	narrow.rules.rseq_size = wide.rules.rseq_size = 20;
	assert_unknown(f, UNKNOWN "its ld-linux lacks __rseq_offset, expected one as in narrow");
}

/* A myld.so in the place of ld-linux is no evidence: it is in the file that has made room for it. */
static void words_of_a_displaced_loader(void **state)
{
	struct fixture *f = *state;
	static struct image system;

	system = f->ldso;
	f->ldso.sym[1].st_size = 999;
	add_symbol(&f->ldso, "myld_maps@@MYLD_1", 1, 0);
	assert_unknown(
		f, "/test/ld-linux.so.2.system: No such file or directory" NOT_COMPARED);
	fake_add("/test/ld-linux.so.2.system", &system, sizeof system, 0100755);
	assert_build(f, &two);
}

static void broken_files(void **state)
{
	struct fixture *f = *state;
	struct image good = f->ldso;

	f->ldso.ehdr.e_machine = EM_SPARC;
	assert_unknown(f, "/test/ld-linux.so.2: not an ELF file of this machine" NOT_COMPARED);
	f->ldso = good;
	f->files[1]->size = sizeof f->ldso.ehdr - 1;
	assert_unknown(f, "/test/ld-linux.so.2: not an ELF file of this machine" NOT_COMPARED);
	f->files[1]->size = offsetof(struct image, shdr[1]);
	assert_unknown(f, "/test/ld-linux.so.2: no symbol table" NOT_COMPARED);
	f->files[1]->size = sizeof f->ldso;
	f->ldso.ehdr.e_shoff = (uint64_t)-8;
	assert_unknown(f, "/test/ld-linux.so.2: no symbol table" NOT_COMPARED);
	f->ldso = good;
	f->ldso.ehdr.e_shentsize--;
	assert_unknown(f, "/test/ld-linux.so.2: no symbol table" NOT_COMPARED);
	f->ldso = good;
	f->ldso.shdr[1].sh_link = 3;
	assert_unknown(
		f, "/test/ld-linux.so.2: the symbol table's sh_link names no section" NOT_COMPARED);
	f->ldso = good;
	f->ldso.shdr[1].sh_size = sizeof f->ldso;
	assert_unknown(f, "/test/ld-linux.so.2: its symbols can't be read" NOT_COMPARED);
	f->ldso = good;
	f->ldso.shdr[2].sh_size = (uint64_t)-1;
	assert_unknown(f, "/test/ld-linux.so.2: its symbols can't be read" NOT_COMPARED);
	f->ldso = good;
	f->ldso.shdr[2].sh_offset = (uint64_t)-8;
	assert_unknown(f, "/test/ld-linux.so.2: its symbols can't be read" NOT_COMPARED);
	f->ldso = good;
	f->files[1]->read_error = -SYS_EIO;
	assert_unknown(f, "/test/ld-linux.so.2: not an ELF file of this machine" NOT_COMPARED);
	f->files[1]->read_error = 0;
	f->ldso.sym[0].st_name = 1 << 28;
	assert_unknown(f, "/test/libc.so.6: its ld-linux does not define");
	f->ldso = good;
	memcpy(f->ldso.str + sizeof f->ldso.str - 4, "_rtl", 4); /* no 0 at the end */
	f->ldso.sym[2] = (Elf_Sym){.st_name = sizeof f->ldso.str - 4, .st_shndx = 1, .st_size = 1};
	f->ldso.sym[3] = f->ldso.sym[0];
	f->ldso.sym[0] = f->ldso.sym[2];
	assert_layout(f, &wide);
}

/* What can't be read is no evidence; what has another shape is none either. */
static void broken_words(void **state)
{
	struct fixture *f = *state;

	f->file.words[1][2] = 1;
	f->file.sym[1].st_value = sizeof f->file - 4;
	assert_layout(f, &wide);
	f->file.sym[1].st_value = (uintptr_t)-4;
	assert_layout(f, &wide);
	f->file.sym[1].st_value = 0;
	f->file.sym[1].st_size = 8;
	assert_layout(f, &wide);
	f->file.sym[1].st_size = 12;
	f->file.sym[1].st_value = offsetof(struct image, words[1]);
	f->file.phdr[0].p_filesz = f->file.sym[1].st_value + 4;
	assert_layout(f, &wide);
	f->file.ehdr.e_phentsize = 1;
	assert_layout(f, &wide);
}

/* ---- the tables ---- */

/* A column's values are its own or those of the nearest base. */
static void columns(void **state)
{
	(void)state;
	static const uint8_t base[] = {0, 0, 1, 0, 2};
	static const uint16_t cells[] = {
		0, 10, 0, 20, 1, 21, 2, 22, 0, 30, 1, 31, 3, 33, 0, 40, 4, 44};
	static const uint16_t expected[][4] = {{10, 20, 30, 40}, {10, 21, 31, 40}, {10, 22, 31, 40},
		{10, 20, 33, 40}, {10, 22, 31, 44}};
	const struct grid g = {cells, sizeof cells, base};

	for (unsigned i = 0; i < sizeof base; i++) {
		uint16_t value[4];

		read_column(&g, i, value);
		assert_memory_equal(value, expected[i], sizeof value);
	}
}

static void assert_name(size_t offset, const char *part, const char *name)
{
	const char *in;

	assert_string_equal(glibc_field_name(offset / sizeof(uint16_t), &in), name);
	assert_string_equal(in, part);
}

static void names_of_fields(void **state)
{
	(void)state;
	assert_name(offsetof(struct glibc_layout, ro.platform), "ro", "platform");
	assert_name(offsetof(struct glibc_layout, ro.size), "ro", "size");
	assert_name(offsetof(struct glibc_layout, global.nns), "global", "nns");
	assert_name(offsetof(struct glibc_layout, map.text_end), "map", "text_end");
	assert_name(offsetof(struct glibc_layout, rules.rseq_size), "rules", "rseq_size");
}

/* A build without a row has the list of the nearest version, the newer one of two. */
static void nearest_tunables(void **state)
{
	struct glibc_build b, known;

	(void)state;
	for (size_t i = 0; real_layout(i); i++) {
		const struct glibc_row *row, *best = NULL;

		real_read_unknown_build(i, &b);
		for (size_t j = 0; (row = real_row(j)); j++)
			if (!best || abs((int)glibc_minor(row->version) - (int)b.minor) <=
					     abs((int)glibc_minor(best->version) - (int)b.minor))
				best = row;
		glibc_read_build(best, &known);
		assert_int_equal(b.ntunables, known.ntunables);
		assert_memory_equal(b.order, known.order, b.ntunables);
	}
}

static uint32_t fact_in(const uint16_t *layout, size_t offset)
{
	return layout[offset / sizeof *layout];
}

/* A libc and an ld-linux with the facts of a layout. */
static void tell_facts(struct fixture *f, const struct glibc_layout *l, unsigned minor)
{
	make_image(&f->file);
	make_image(&f->ldso);
	memset(f->file.sym, 0, sizeof f->file.sym);
	memset(f->ldso.sym, 0, sizeof f->ldso.sym);
	snprintf(f->file.banner, sizeof f->file.banner,
		"GNU C Library (Some GLIBC) stable release version 2.%u.\n", minor);
	for (size_t i = 0; i < NFACTS; i++) {
		uint32_t value = fact_in((const uint16_t *)l, facts[i].field);
		bool is_size = facts[i].field == offsetof(struct glibc_layout, global.size) ||
			       facts[i].field == offsetof(struct glibc_layout, pthread.size);

		if (value == GLIBC_NONE)
			continue;
		if (facts[i].source == DESCRIPTION)
			describe(&f->file, facts[i].symbol, is_size ? value : 8,
				is_size ? 0 : value);
		else
			add_symbol(&f->ldso, facts[i].symbol, 0, value);
	}
}

/* Each layout of the tables is the one that a libc with its facts gets, in all that libc reads. */
static void facts_choose_each_layout(void **state)
{
	struct fixture *f = *state;
	const struct glibc_layout_row *row;

	for (size_t i = OURS; (row = glibc_layout_at(i)); i++) {
		struct glibc_layout expected, l;
		const struct glibc_build *b;

		glibc_read_layout(i, &expected);
		tell_facts(f, &expected, row->minor);
		b = glibc_find_build(&f->ld, &f->libc);
		if (!b) {
			diag_text(&f->ld.diag, f->text, sizeof f->text);
			fail_msg("%s: %s", row->name, f->text);
		}
		l = b->layout;
		l.map.text_end = expected.map.text_end;
		assert_int_equal(b->minor, row->minor);
		if (memcmp(&l, &expected, sizeof l))
			fail_msg("%s: gets another layout", row->name);
	}
}

/* Two layouts of a version differ in a fact, or in nothing that libc reads. */
static void facts_tell_layouts_apart(void **state)
{
	const struct glibc_layout_row *a, *b;
	size_t pairs = 0;

	(void)state;
	for (size_t i = OURS; (a = glibc_layout_at(i)); i++)
		for (size_t j = i + 1; (b = glibc_layout_at(j)); j++) {
			struct glibc_layout x, y;
			bool differ = false;

			if (a->minor != b->minor)
				continue;
			pairs++;
			glibc_read_layout(i, &x);
			glibc_read_layout(j, &y);
			for (size_t fact = 0; fact < NFACTS; fact++)
				differ = differ || fact_of(&x, fact) != fact_of(&y, fact);
			if (!differ && difference(i, j) != GLIBC_NFIELDS)
				fail_msg("%s and %s have the same facts", a->name, b->name);
		}
	assert_true(pairs > 0);
}

/* Each id of a build is a tunable of its own; no two rows are the same build. */
static void rows_are_sound(void **state)
{
	const struct glibc_row *row;
	struct glibc_build b;

	(void)state;
	for (size_t i = 0; (row = real_row(i)); i++) {
		bool seen[GLIBC_NTUNABLES] = {false};

		assert_int_equal(strlen(row->build_id), 40);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(row->build_id, real_row(j)->build_id);
		glibc_read_build(row, &b);
		assert_in_range(b.ntunables, 1, GLIBC_NTUNABLES);
		for (size_t id = 0; id < b.ntunables; id++) {
			assert_in_range(b.order[id], 0, GLIBC_NTUNABLES - 1);
			assert_false(seen[b.order[id]]);
			seen[b.order[id]] = true;
		}
	}
}

static void without_memory(void **state)
{
	struct fixture *f = *state;

	f->ld.permanent.end = f->ld.permanent.next;
	set_id(f, 1);
	assert_null(glibc_find_build(&f->ld, &f->libc));
	diag_text(&f->ld.diag, f->text, sizeof f->text);
	assert_string_equal(f->text, "/test/libc.so.6: no memory for its layout");
}

/* ---- the libc that this test runs with ---- */

static void *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data = malloc(1 << 23);

	if (!file || !data)
		fail_msg("%s: can't be read", path);
	*size = fread(data, 1, 1 << 23, file);
	fclose(file);
	return data;
}

/* Where libc.so.6 is mapped, and from which file. */
static const Elf_Ehdr *find_libc(char path[4096])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[8192];
	uintptr_t start = 0;

	while (!start && maps && fgets(line, sizeof line, maps))
		if (strstr(line, "/libc.so.6\n"))
			assert_int_equal(
				sscanf(line, "%jx-%*s %*s %*s %*s %*s %4095s", &start, path), 2);
	assert_true(start);
	fclose(maps);
	return (const Elf_Ehdr *)start;
}

/* Its build-id is in a table, or (a newer package) its words choose one; with the build-id taken
 * away they do in any case, and choose one with the same layout. */
static void the_real_one(void **state)
{
	static const char *needed[] = {"ld-linux-x86-64.so.2"};
	struct fixture *f = *state;
	Elf_Phdr phdr[32];
	char path[4096], ldso_path[8192];
	size_t size;
	const Elf_Ehdr *e = find_libc(path);

	snprintf(ldso_path, sizeof ldso_path, "%.*s/%s", (int)(strrchr(path, '/') - path), path,
		*needed);
	assert_in_range(e->e_phnum, 1, 32);
	memcpy(phdr, (const char *)e + e->e_phoff, e->e_phnum * sizeof *phdr);
	f->libc = (struct dso){.path = path,
		.base = (uintptr_t)e,
		.phdr = phdr,
		.phnum = e->e_phnum,
		.needed = needed,
		.nneeded = 1};
	void *libc = read_file(path, &size);
	fake_add(path, libc, size, 0100755);
	void *ldso = read_file(ldso_path, &size);
	fake_add(ldso_path, ldso, size, 0100755);

	const struct glibc_build *b = glibc_find_build(&f->ld, &f->libc);
	assert_non_null(b);
	assert_string_equal(b->version, gnu_get_libc_version());

	for (size_t i = 0; i < f->libc.phnum; i++)
		if (phdr[i].p_type == PT_NOTE)
			phdr[i].p_type = PT_NULL;
	const struct glibc_build *same = glibc_find_build(&f->ld, &f->libc);
	assert_non_null(same);
	assert_ptr_not_equal(b, same);
	assert_memory_equal(&b->layout, &same->layout, sizeof b->layout);
	assert_non_null(strstr(fake.opened, ldso_path));
	free(libc);
	free(ldso);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(id_decides),
		TEST(id_behind_other_notes),
		TEST(id_of_an_aligned_note),
		TEST(broken_notes),
		TEST(words_decide),
		TEST(words_of_libpthread),
		TEST(each_word_counts),
		TEST(version_without_a_table),
		TEST(files_that_say_nothing),
		TEST(words_of_a_displaced_loader),
		TEST(broken_files),
		TEST(broken_words),
		TEST(no_descriptions),
		TEST(facts_of_two),
		TEST(symbol_that_only_one_has),
		TEST(columns),
		TEST(names_of_fields),
		TEST(nearest_tunables),
		TEST(facts_choose_each_layout),
		TEST(facts_tell_layouts_apart),
		TEST(rows_are_sound),
		TEST(without_memory),
		TEST(the_real_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
