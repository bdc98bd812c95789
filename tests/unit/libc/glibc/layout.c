/* layout.c: which table a libc gets, by its build-id, by what else it says, or none at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "lib/fake_loader.h"
#include "lib/fake_sys.h"
#include "lib/glibc_files.h"
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

struct fixture {
	struct loader ld;
	struct glibc_files g;
	bool too_old; /* for the generator */
	char text[4096];
};

static void describe_structures(struct libc_image *im, uint32_t modid)
{
	libc_image_describe(im, "_thread_db_sizeof_pthread", 300, 0);
	libc_image_describe(im, "_thread_db_pthread_tid", 32, 72);
	libc_image_describe(im, "_thread_db_link_map_l_tls_modid", 64, modid);
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

	set_note(f->g.file.note, NT_GNU_BUILD_ID, 4, 20);
	memcpy(f->g.file.note + 4, id, 20);
}

/* A libc that no table is of, whose every word agrees with that of "two". */
static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	static char *no_environment[] = {NULL};

	fake_reset();
	fake_loader_init(&f->ld);
	f->ld.config.envp = no_environment;
	make_layouts();
	glibc_files_make(&f->g);
	set_id(f, 0xaa);
	strcpy(f->g.file.banner,
		"GNU C Library (Some GLIBC 2.199-3) stable release version 2.199.\nCopyright");
	describe_structures(&f->g.file, 48);
	libc_image_symbol(&f->g.ldso, "_rtld_global", 0, 200);
	libc_image_symbol(&f->g.ldso, "_rtld_global_ro@@GLIBC_PRIVATE", 0, 104);
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
	const struct glibc_build *b = glibc_find_build(&f->ld, &f->g.libc);

	assert_int_equal(fake.open_now, 0);
	assert_non_null(b);
	assert_string_equal(b->package, package);
	assert_string_equal(b->version, "2.199");
	assert_int_equal(b->minor, 199);
	assert_memory_equal(&b->layout, l, sizeof *l);
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
	assert_null(glibc_find_build(&f->ld, &f->g.libc));
	assert_int_equal(fake.open_now, 0);
	diag_text(&f->ld.diag, f->text, sizeof f->text);
	if (strncmp(f->text, start, strlen(start)))
		assert_string_equal(f->text, start);
	assert_non_null(strstr(f->text, f->too_old
			? "; so old a glibc is run by its own ld-linux alone"
			: "; make one with \"make glibc-layout LIBC=/test/libc.so.6\""));
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

	memmove(f->g.file.note + 5, f->g.file.note, 40);
	set_note(f->g.file.note, 5, 4, 3); /* its descriptor is padded */
	f->g.file.note[6] = 20;
	((unsigned char *)(f->g.file.note + 9))[0] = 1;
	((unsigned char *)(f->g.file.note + 9))[19] = 1;
	assert_row(f, &one);
	assert_string_equal(fake.opened, "");
}

static void id_of_an_aligned_note(void **state)
{
	struct fixture *f = *state;

	f->g.file.phdr[1].p_align = 8;
	set_note(f->g.file.note, 5, 4, 4);
	set_note(f->g.file.note + 6, NT_GNU_BUILD_ID, 4, 20);
	const unsigned char id[20] = ID(2);
	memcpy(f->g.file.note + 10, id, 20);
	assert_row(f, &two);
	assert_string_equal(fake.opened, "");
}

/* Each of these would be "one" if the note counted; it is found by its words instead. */
static void broken_notes(void **state)
{
	struct fixture *f = *state;
	uint32_t *note = f->g.file.note;

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
	f->g.file.phdr[1].p_filesz = 35; /* one byte short */
	assert_layout(f, &wide);
	f->g.file.phdr[1].p_filesz = 36;
	assert_row(f, &one);
	f->g.file.phdr[1].p_filesz = sizeof f->g.file; /* ends behind the segment */
	assert_true(build_id_notes(&f->g.file.phdr[1]) >
		    sizeof f->g.file - offsetof(struct libc_image, note));
	assert_layout(f, &wide);
	memmove(note + 5, note, 40);
	set_note(note, 5, 4, 3);
	f->g.file.phdr[1].p_filesz = 19; /* ends within the padding */
	assert_layout(f, &wide);
	set_id(f, 1);
	f->g.file.phdr[1].p_filesz = 36;
	f->g.file.phdr[1].p_vaddr = (uintptr_t)-8;
	assert_layout(f, &wide);
}

/* ---- a libc whose build-id is in no table ---- */

static void words_decide(void **state)
{
	struct fixture *f = *state;

	assert_layout(f, &wide);
	assert_string_equal(fake.opened, "/test/ld-linux.so.2\n/test/libc.so.6\n");
	f->g.ldso.sym[1].st_size = 100;
	f->g.file.words[2][2] = 40;
	assert_layout(f, &narrow);
}

/* As in 2.31: the descriptions are libpthread's, and not exported. */
static void words_of_libpthread(void **state)
{
	struct fixture *f = *state;

	memset(f->g.file.sym, 0, sizeof f->g.file.sym);
	describe_structures(&f->g.pthread, 48);
	f->g.pthread.shdr[0] = f->g.pthread.shdr[1];
	f->g.pthread.shdr[0].sh_type = SHT_SYMTAB;
	f->g.pthread.shdr[1].sh_size = 0;
	assert_layout(f, &wide);
	assert_string_equal(
		fake.opened, "/test/ld-linux.so.2\n/test/libc.so.6\n/test/libpthread.so.0\n");
	f->g.pthread.words[1][2]++;
	assert_unknown(f, UNKNOWN "_thread_db_pthread_tid says 73, expected 72 as in wide");
}

static void each_word_counts(void **state)
{
	struct fixture *f = *state;

	f->g.ldso.sym[1].st_size = 108;
	assert_unknown(f, UNKNOWN "_rtld_global_ro says 108, expected 10");
	f->g.ldso.sym[1].st_size = 104;
	f->g.ldso.sym[0].st_size = 208;
	assert_unknown(f, UNKNOWN "_rtld_global says 208, expected 200 as in wide");
	f->g.ldso.sym[0].st_size = 200;
	f->g.file.words[0][0] = 304;
	assert_unknown(f, UNKNOWN "_thread_db_sizeof_pthread says 304, expected 300 as in wide");
	f->g.file.words[0][0] = 300;
	f->g.file.words[2][2] = 40;
	assert_unknown(
		f, UNKNOWN "_thread_db_link_map_l_tls_modid says 40, expected 48 as in wide");
}

static void version_without_a_table(void **state)
{
	struct fixture *f = *state;

	strcpy(f->g.file.banner,
		"GNU C Library (Some GLIBC 2.199-3) stable release version 9.9.\nCopyright");
	assert_unknown(f, UNKNOWN "there is none of version 9.9; make");
	strcpy(f->g.file.banner,
		"GNU C Library (Some GLIBC 2.199-3) development release version 2.199.9000.\n");
	assert_unknown(f, UNKNOWN "there is none of version 2.199.9000; make");
	strcpy(f->g.file.banner,
		"GNU C Library (Some GLIBC 2.199-3) stable release version 2.1999999999999999.\n");
	assert_unknown(f, UNKNOWN "it has no banner that says its version; make");
	assert_string_equal(fake.opened, "");
	strcpy(f->g.file.banner,
		"GNU C Library (Some GLIBC 2.199-3) stable release version 2.17, by");
	f->too_old = true;
	assert_unknown(f, UNKNOWN "there is none of version 2.17; so");
	f->too_old = false;
	f->g.file.phdr[1].p_type = PT_NULL;
	f->g.file.banner[0] = 0;
	assert_unknown(f,
		"/test/libc.so.6: no table of this glibc's layout (unknown package, build-id none"
		"): it has no banner that says its version; make");
}

#define NOT_COMPARED "\n" UNKNOWN "it can't be compared with its version's; make"

static void files_that_say_nothing(void **state)
{
	struct fixture *f = *state;

	f->g.libc.nneeded = 1;
	assert_unknown(f, "/test/libc.so.6: DT_NEEDED names no ld-linux" NOT_COMPARED);
	f->g.libc.nneeded = 2;
	f->g.files[1]->open_error = -SYS_EACCES;
	assert_unknown(f, "/test/ld-linux.so.2: Permission denied" NOT_COMPARED);
	f->g.files[1]->open_error = 0;
	f->g.ldso.sym[0].st_shndx = SHN_UNDEF;
	assert_unknown(f, "/test/libc.so.6: its ld-linux does not define _rtld_global and "
			  "_rtld_global_ro" NOT_COMPARED);
	f->g.ldso.sym[0].st_shndx = 1;
	memset(f->g.file.sym, 0, sizeof f->g.file.sym);
	f->g.files[2]->open_error = -SYS_EACCES;
	assert_unknown(f, "/test/libpthread.so.0: Permission denied" NOT_COMPARED);
}

/* Without descriptions, as in a libpthread that was stripped, the sizes are enough. */
static void no_descriptions(void **state)
{
	struct fixture *f = *state;

	memset(f->g.file.sym, 0, sizeof f->g.file.sym);
	assert_layout(f, &wide);
	f->g.ldso.sym[1].st_size = 100;
	assert_layout(f, &narrow);
}

/* The layouts have the same facts, and differ in a field that libc reads or does not read. */
static void facts_of_two(void **state)
{
	struct fixture *f = *state;

	wide = narrow;
	f->g.ldso.sym[1].st_size = 100;
	f->g.file.words[2][2] = 40;
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

	libc_image_symbol(&f->g.ldso, "__rseq_offset@@GLIBC_2.35", 0, 8);
	assert_unknown(f, UNKNOWN "its ld-linux has __rseq_offset, expected none as in wide");
	wide.rules.rseq_size = 20;
	assert_layout(f, &wide);
	narrow.rules.rseq_size = 20;
	wide = narrow;
	wide.rules.rseq_size = GLIBC_NONE;
	f->g.ldso.sym[1].st_size = 100;
	f->g.file.words[2][2] = 40;
	assert_layout(f, &narrow);
	memset(&f->g.ldso.sym[2], 0, sizeof *f->g.ldso.sym);
	assert_layout(f, &wide);
	narrow.rules.rseq_size = wide.rules.rseq_size = 20;
	assert_unknown(f, UNKNOWN "its ld-linux lacks __rseq_offset, expected one as in narrow");
}

/* A myld.so in the place of ld-linux is no evidence: it is in the file that has made room for it. */
static void words_of_a_displaced_loader(void **state)
{
	struct fixture *f = *state;
	static struct libc_image system;

	system = f->g.ldso;
	f->g.ldso.sym[1].st_size = 999;
	libc_image_symbol(&f->g.ldso, "myld_maps@@MYLD_1", 1, 0);
	assert_unknown(f, "/test/system-ld-linux.so.2: No such file or directory" NOT_COMPARED);
	fake_add("/test/system-ld-linux.so.2", &system, sizeof system, 0100755);
	assert_layout(f, &wide);
}

static void broken_files(void **state)
{
	struct fixture *f = *state;
	struct libc_image good = f->g.ldso;

	f->g.ldso.ehdr.e_machine = EM_SPARC;
	assert_unknown(f, "/test/ld-linux.so.2: not an ELF file of this machine" NOT_COMPARED);
	f->g.ldso = good;
	f->g.files[1]->size = sizeof f->g.ldso.ehdr - 1;
	assert_unknown(f, "/test/ld-linux.so.2: not an ELF file of this machine" NOT_COMPARED);
	f->g.files[1]->size = offsetof(struct libc_image, shdr[1]);
	assert_unknown(f, "/test/ld-linux.so.2: no symbol table" NOT_COMPARED);
	f->g.files[1]->size = sizeof f->g.ldso;
	f->g.ldso.ehdr.e_shoff = (uint64_t)-8;
	assert_unknown(f, "/test/ld-linux.so.2: no symbol table" NOT_COMPARED);
	f->g.ldso = good;
	f->g.ldso.ehdr.e_shentsize--;
	assert_unknown(f, "/test/ld-linux.so.2: no symbol table" NOT_COMPARED);
	f->g.ldso = good;
	f->g.ldso.shdr[1].sh_link = 3;
	assert_unknown(
		f, "/test/ld-linux.so.2: the symbol table's sh_link names no section" NOT_COMPARED);
	f->g.ldso = good;
	f->g.ldso.shdr[1].sh_size = sizeof f->g.ldso;
	assert_unknown(f, "/test/ld-linux.so.2: its symbols can't be read" NOT_COMPARED);
	f->g.ldso = good;
	f->g.ldso.shdr[2].sh_size = (uint64_t)-1;
	assert_unknown(f, "/test/ld-linux.so.2: its symbols can't be read" NOT_COMPARED);
	f->g.ldso = good;
	f->g.ldso.shdr[2].sh_offset = (uint64_t)-8;
	assert_unknown(f, "/test/ld-linux.so.2: its symbols can't be read" NOT_COMPARED);
	f->g.ldso = good;
	f->g.files[1]->read_error = -SYS_EIO;
	assert_unknown(f, "/test/ld-linux.so.2: not an ELF file of this machine" NOT_COMPARED);
	f->g.files[1]->read_error = 0;
	f->g.ldso.sym[0].st_name = 1 << 28;
	assert_unknown(f, "/test/libc.so.6: its ld-linux does not define");
	f->g.ldso = good;
	memcpy(f->g.ldso.str + sizeof f->g.ldso.str - 4, "_rtl", 4); /* no 0 at the end */
	f->g.ldso.sym[2] =
		(Elf_Sym){.st_name = sizeof f->g.ldso.str - 4, .st_shndx = 1, .st_size = 1};
	f->g.ldso.sym[3] = f->g.ldso.sym[0];
	f->g.ldso.sym[0] = f->g.ldso.sym[2];
	assert_layout(f, &wide);
}

/* What can't be read is no evidence; what has another shape is none either. */
static void broken_words(void **state)
{
	struct fixture *f = *state;

	f->g.file.words[1][2] = 1;
	f->g.file.sym[1].st_value = sizeof f->g.file - 4;
	assert_layout(f, &wide);
	f->g.file.sym[1].st_value = (uintptr_t)-4;
	assert_layout(f, &wide);
	f->g.file.sym[1].st_value = 0;
	f->g.file.sym[1].st_size = 8;
	assert_layout(f, &wide);
	f->g.file.sym[1].st_size = 12;
	f->g.file.sym[1].st_value = offsetof(struct libc_image, words[1]);
	f->g.file.phdr[0].p_filesz = f->g.file.sym[1].st_value + 4;
	assert_layout(f, &wide);
	f->g.file.ehdr.e_phentsize = 1;
	assert_layout(f, &wide);
}

static void without_memory(void **state)
{
	struct fixture *f = *state;

	f->ld.permanent.end = f->ld.permanent.next;
	set_id(f, 1);
	assert_null(glibc_find_build(&f->ld, &f->g.libc));
	diag_text(&f->ld.diag, f->text, sizeof f->text);
	assert_string_equal(f->text, "/test/libc.so.6: no memory for its layout");
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
		TEST(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
