/* order.c: the order of a search, as the exact list of the paths that are opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "lib/fake_loader.h"
#include "lib/fake_sys.h"
#include "search/search.h"
#include "search/walk.h"
#include "state/words.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

static bool claims_ld(const char *name)
{
	return strncmp(path_base(name), "ld-", 3) == 0;
}

static const char *of_platform(struct loader *ld)
{
	(void)ld;
	return "haswell";
}

/* What fake_abi has, and all that glibc has beside. */
static const struct libc_abi abi_glibc = {.name = "glibc",
	.words = &words_of_ldso,
	.paths = {"/lib:/usr/lib", DEBIAN_LIB},
	.cache_file = "/etc/cache",
	.preload_file = "/etc/preload",
	.platform = of_platform,
	.hwcaps = true};
static const struct libc_abi abi_musl = {.name = "musl",
	.words = &words_of_musl,
	.claims = claims_ld,
	.paths = {"/mlib", DEBIAN_LIB},
	.path_file = "/etc/m.path",
	.rpath_is_runpath = true};

/* How ld.so and musl's loader say that they have no file. */
#define NO_FILE   ": cannot open shared object file: No such file or directory"
#define NO_M_FILE "Error loading shared library x.so: No such file or directory"

/* prog needs lib, lib needs deep. */
struct fixture {
	struct loader ld;
	struct dso prog, lib, deep;
	struct dso_state lives[3];
	struct found found;
	Elf_Ehdr good;
	char *environment[4];
	char *text; /* of the messages */
	char *cache;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_reset();
	f->good = (Elf_Ehdr){.e_version = EV_CURRENT,
		.e_type = ET_DYN,
		.e_phentsize = sizeof(Elf_Phdr),
		.e_ident = {0x7f, 'E', 'L', 'F', ELF_CLASS, ARCH_DATA, EV_CURRENT},
		.e_machine = ARCH_MACHINE};
	fake_loader_init(&f->ld);
	f->ld.program = &f->prog;
	f->ld.config.envp = f->environment;
	fake.exe = "/app/bin/prog";
	f->prog = (struct dso){.path = "/app/bin/prog",
		.kind = DSO_PROGRAM,
		.ns = &f->ld.base,
		.state = &f->lives[0]};
	f->lib = (struct dso){.path = "/app/lib/lib.so",
		.ns = &f->ld.base,
		.kind = DSO_LIBRARY,
		.needed_by = &f->prog,
		.state = &f->lives[1]};
	f->deep = (struct dso){.path = "/app/deep/deep.so",
		.ns = &f->ld.base,
		.kind = DSO_LIBRARY,
		.needed_by = &f->lib,
		.state = &f->lives[2]};
	f->text = malloc(20000);
	*state = f;
	return 0;
}

static int set_up_musl(void **state)
{
	set_up(state);
	((struct fixture *)*state)->ld.abi = &abi_musl;
	return 0;
}

static int set_up_glibc(void **state)
{
	set_up(state);
	((struct fixture *)*state)->ld.abi = &abi_glibc;
	((struct fixture *)*state)->ld.config.page = 4096;
	fake.isa_level = 2;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	free(f->cache);
	fake_loader_free(&f->ld);
	free(f->text);
	free(f);
	return 0;
}

static struct fake_file *add_library(struct fixture *f, const char *path)
{
	return fake_add(path, &f->good, sizeof f->good, 0100755);
}

static void library_path(struct fixture *f, const char *path)
{
	f->ld.config.library_path = path;
	f->ld.config.library_path_from = "LD_LIBRARY_PATH";
}

/* Looks for x.so; expected is each path that is opened, in order, with a newline behind it. */
static void assert_opens(struct fixture *f, struct dso *by, const char *expected, int result)
{
	fake.opened[0] = 0;
	fake.open_now = 0;
	assert_int_equal(search_library(&f->ld, "x.so", by, &f->ld.permanent, &f->found), result);
	assert_string_equal(fake.opened, expected);
	assert_int_equal(fake.open_now, result == 0);
}

/* The heap has just what a search needs to begin with. */
static void leave_room_for_places(struct fixture *f)
{
	f->ld.writable.end = f->ld.writable.next + sizeof(struct places);
}

static void assert_message(struct fixture *f, const char *expected)
{
	diag_text(&f->ld.diag, f->text, 20000);
	assert_string_equal(f->text, expected);
	diag_clear(&f->ld.diag);
}

/* Looks for name, which `by` needs and which must fail, with this message. */
static void assert_fails(struct fixture *f, const char *name, struct dso *by, const char *message)
{
	const char *needed[] = {name};

	if (by) {
		by->needed = needed;
		by->nneeded = 1;
	}
	fake.opened[0] = 0;
	fake.open_now = 0;
	assert_int_equal(search_library(&f->ld, name, by, &f->ld.permanent, &f->found), -1);
	assert_message(f, message);
	assert_int_equal(fake.open_now, 0);
	if (by)
		by->nneeded = 0;
}

static void an_opened_library_is_needed_by_nobody(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(search_library(&f->ld, "x.so", &f->lib, &f->ld.permanent, &f->found), -1);
	assert_message(f, "x.so" NO_FILE);
}

/* ---- ld.so's order ---- */

static void rpath_environment_default(void **state)
{
	struct fixture *f = *state;

	f->prog.rpath = "/rp1:/rp2";
	f->lib.rpath = "/rl";
	f->deep.rpath = "/rd";
	library_path(f, "/e1:/e2;/e3");
	assert_opens(f, &f->deep,
		"/rd/x.so\n/rl/x.so\n/rp1/x.so\n/rp2/x.so\n/e1/x.so\n/e2/x.so\n/e3/x.so\n"
		"/lib/x.so\n/usr/lib/x.so\n",
		-1);
	assert_opens(f, &f->prog,
		"/rp1/x.so\n/rp2/x.so\n/e1/x.so\n/e2/x.so\n/e3/x.so\n/lib/x.so\n/usr/lib/x.so\n",
		-1);
}

static void found_ends_the_search(void **state)
{
	struct fixture *f = *state;

	f->prog.rpath = "/rp";
	library_path(f, "/e1:/e2");
	add_library(f, "/e1/x.so");
	add_library(f, "/lib/x.so");
	assert_opens(f, &f->prog, "/rp/x.so\n/e1/x.so\n", 0);
	assert_string_equal(f->found.path, "/e1/x.so");
	assert_int_equal(f->found.info.ino, 1);
	assert_int_equal(f->found.info.size, sizeof f->good);
	assert_int_equal(f->ld.diag.count, 0);
	assert_int_equal(fake.stats, 0); /* the open is the only look at a path */
	assert_int_equal(fake.preads, 1);
}

static void runpath_replaces_rpath(void **state)
{
	struct fixture *f = *state;

	f->prog.rpath = "/rp";
	f->lib.rpath = "/rl";
	f->lib.runpath = "/run";
	library_path(f, "/e");
	assert_opens(f, &f->lib, "/e/x.so\n/run/x.so\n/lib/x.so\n/usr/lib/x.so\n", -1);
}

static void runpath_is_not_inherited(void **state)
{
	struct fixture *f = *state;

	f->prog.runpath = "/runp";
	f->prog.rpath = "/rp";
	f->lib.runpath = "/runl";
	f->lib.rpath = "/rl";
	f->deep.rpath = "/rd";
	assert_opens(f, &f->deep, "/rd/x.so\n/lib/x.so\n/usr/lib/x.so\n", -1);
}

/* A library that dlopen brought in has no chain to the program, whose RPATH counts all the same. */
static void rpath_of_the_program_comes_last(void **state)
{
	struct fixture *f = *state;

	f->prog.rpath = "/rp";
	f->lib.rpath = "/rl";
	f->lib.needed_by = NULL;
	assert_opens(f, &f->deep, "/rl/x.so\n/rp/x.so\n/lib/x.so\n/usr/lib/x.so\n", -1);
}

static void nobody_means_the_program(void **state)
{
	struct fixture *f = *state;

	f->prog.runpath = "/run";
	assert_opens(f, NULL, "/run/x.so\n/lib/x.so\n/usr/lib/x.so\n", -1);
	assert_message(f, "x.so" NO_FILE);
}

static void nodeflib(void **state)
{
	struct fixture *f = *state;

	f->lib.flags_1 = DF_1_NODEFLIB;
	library_path(f, "/e");
	assert_opens(f, &f->lib, "/e/x.so\n", -1);
	assert_opens(f, &f->prog, "/e/x.so\n/lib/x.so\n/usr/lib/x.so\n", -1);
}

static void inhibited(void **state)
{
	struct fixture *f = *state;

	f->prog.rpath = "/rp";
	f->lib.rpath = "/rl";
	f->deep.runpath = "/run";
	f->ld.config.inhibit_rpath = "none.so:lib.so /app/deep/deep.so";
	assert_opens(f, &f->lib, "/rp/x.so\n/lib/x.so\n/usr/lib/x.so\n", -1);
	assert_opens(f, &f->deep, "/lib/x.so\n/usr/lib/x.so\n", -1);
	f->ld.config.inhibit_rpath = "lib.s:rog";
	assert_opens(f, &f->lib, "/rl/x.so\n/rp/x.so\n/lib/x.so\n/usr/lib/x.so\n", -1);
}

static void empty_is_the_current_directory(void **state)
{
	struct fixture *f = *state;

	f->prog.rpath = ":/rp/";
	library_path(f, "/e:");
	assert_opens(
		f, &f->prog, "./x.so\n/rp/x.so\n/e/x.so\n./x.so\n/lib/x.so\n/usr/lib/x.so\n", -1);
	library_path(f, NULL);
	f->prog.rpath = "/:rel";
	assert_opens(f, &f->prog, "/x.so\nrel/x.so\n/lib/x.so\n/usr/lib/x.so\n", -1);
}

/* ---- musl's order ---- */

static void musl_environment_inherited_default(void **state)
{
	struct fixture *f = *state;

	f->prog.runpath = "/runp";
	f->lib.rpath = "/rl:\n/rm";
	f->deep.rpath = "/rd";
	f->deep.runpath = "/rund";
	library_path(f, "/e1:/e2\n:/e3;$ORIGIN");
	assert_opens(f, &f->deep,
		"/e1/x.so\n/e2/x.so\n/e3;$ORIGIN/x.so\n/rund/x.so\n/rl/x.so\n/rm/x.so\n/runp/x.so\n"
		"/etc/m.path\n/mlib/x.so\n",
		-1);
	assert_opens(f, NULL, "/e1/x.so\n/e2/x.so\n/e3;$ORIGIN/x.so\n/mlib/x.so\n", -1);
}

static void musl_path_file(void **state)
{
	struct fixture *f = *state;

	fake_add("/etc/m.path", "/p1\n\n/p2:/p3\n", 13, 0100644);
	assert_opens(f, NULL, "/etc/m.path\n/p1/x.so\n/p2/x.so\n/p3/x.so\n", -1);
	assert_opens(f, NULL, "/p1/x.so\n/p2/x.so\n/p3/x.so\n", -1);
}

static void append_directory(void *arg, const char *directory)
{
	strcat(strcat(arg, directory), "\n");
}

/* dlinfo may ask for the directories before anything was looked for in them. */
static void musl_directories_without_a_search(void **state)
{
	struct fixture *f = *state;
	char all[100] = "";

	fake_add("/etc/m.path", "/p1\n/p2\n", 8, 0100644);
	assert_int_equal(search_directories(&f->ld, &f->lib, append_directory, all), 0);
	assert_string_equal(all, "/p1\n/p2\n");
	assert_string_equal(fake.opened, "/etc/m.path\n");
}

static void musl_path_file_beside_the_interpreter(void **state)
{
	struct fixture *f = *state;

	fake_add("/opt/musl/etc/m.path", "/p1", 3, 0100644);
	f->prog.interp = "/opt/musl/lib/ld-m.so.1";
	assert_opens(f, NULL, "/opt/musl/etc/m.path\n/p1/x.so\n", -1);
	f->ld.places = NULL;
	f->prog.interp = "/lib/ld-m.so.1";
	assert_opens(f, NULL, "/etc/m.path\n/mlib/x.so\n", -1);
	f->ld.places = NULL;
	f->prog.interp = "/opt/other/lib/myld.so";
	assert_opens(f, NULL, "/etc/m.path\n/mlib/x.so\n", -1);
	f->ld.places = NULL;
	f->prog.interp = "lib/musl/ld-m.so.1";
	assert_opens(f, NULL, "/etc/m.path\n/mlib/x.so\n", -1);
}

/* The administrator's list can't be read: the built-in one is not what was meant. */
static void musl_path_file_unreadable(void **state)
{
	struct fixture *f = *state;
	struct fake_file *file = fake_add("/etc/m.path", "/p1", 3, 0100644);
	char *end = f->ld.writable.end;

	leave_room_for_places(f);
	assert_fails(f, "x.so", NULL,
		"Error loading shared library x.so: Cannot allocate memory\n"
		"x.so: skipped /etc/m.path: Cannot allocate memory");
	f->ld.writable.end = end;
	file->open_error = -SYS_EACCES;
	assert_fails(f, "x.so", NULL, NO_M_FILE "\nx.so: skipped /etc/m.path: Permission denied");
	assert_string_equal(fake.opened, "/etc/m.path\n");
	file->open_error = -SYS_EMFILE;
	assert_fails(f, "x.so", NULL,
		"Error loading shared library x.so: Too many open files\n"
		"x.so: skipped /etc/m.path: Too many open files");
	file->open_error = 0;
	file->read_error = -SYS_EIO;
	assert_fails(f, "x.so", NULL,
		"Error loading shared library x.so: Input/output error\n"
		"x.so: skipped /etc/m.path: Input/output error");
	file->read_error = 0;
	assert_opens(f, NULL, "/etc/m.path\n/p1/x.so\n", -1);
}

/* ---- what can't be taken ---- */

static void other_machines_are_skipped(void **state)
{
	struct fixture *f = *state;
	Elf_Ehdr class = f->good, machine = f->good;
	char expected[500];

	class.e_ident[EI_CLASS] ^= 3;
	machine.e_machine = EM_SPARC;
	fake_add("/1/x.so", &class, sizeof class, 0100755);
	fake_add("/3/x.so", &machine, sizeof machine, 0100755);
	f->prog.rpath = "/1:/3";
	snprintf(expected, sizeof expected,
		"x.so: wrong ELF class: ELFCLASS%d\nx.so: needed by /app/bin/prog"
		"; skipped /1/x.so: wrong ELF class: ELFCLASS%d: EI_CLASS %d (ELFCLASS%d), "
		"expected %d"
		"; skipped /3/x.so: e_machine 2, expected %d (%s)",
		96 - ARCH_BITS, 96 - ARCH_BITS, ELF_CLASS ^ 3, 96 - ARCH_BITS, ELF_CLASS,
		ARCH_MACHINE, ARCH_NAME);
	assert_fails(f, "x.so", &f->prog, expected);
	f->prog.rpath = "/3";
	snprintf(expected, sizeof expected,
		"x.so" NO_FILE "\nx.so: skipped /3/x.so: e_machine 2, expected %d (%s)",
		ARCH_MACHINE, ARCH_NAME);
	assert_fails(f, "x.so", NULL, expected);

	f->prog.rpath = "/1:/3";
	add_library(f, "/usr/lib/x.so");
	assert_int_equal(search_library(&f->ld, "x.so", &f->prog, &f->ld.permanent, &f->found), 0);
	assert_string_equal(f->found.path, "/usr/lib/x.so");
	assert_int_equal(f->ld.diag.count, 0);
}

/* What is no object of any machine ends the search, as under ld.so. */
static void what_is_no_object_ends_the_search(void **state)
{
	struct fixture *f = *state;
	Elf_Ehdr data = f->good, type = f->good, abi = f->good;
	const char script[80] = "/* GNU ld script */";
	struct {
		const void *bytes;
		size_t n;
		const char *says;
	} files[] = {
		{script, sizeof script, "/1/x.so: invalid ELF header\n"},
		{&f->good, sizeof f->good - 1, "/1/x.so: file too short\n"},
		{"#!/bin/sh", 9, "/1/x.so: file too short\n/1/x.so: a script (#!) for '/bin/sh'"},
		{&data, sizeof data, "/1/x.so: ELF file data encoding not "},
		{&type, sizeof type, "/1/x.so: only ET_DYN and ET_EXEC can be loaded\n"},
		{&abi, sizeof abi, "/1/x.so: ELF file OS ABI invalid\n"},
		{NULL, 0, "/1/x.so: cannot read file data: Is a directory\n"},
	};

	data.e_ident[EI_DATA] ^= 3;
	type.e_type = ET_REL;
	abi.e_ident[EI_OSABI] = ELFOSABI_FREEBSD;
	library_path(f, "/1:/2");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		fake_reset();
		fake_add("/1/x.so", files[i].bytes, files[i].n, files[i].bytes ? 0100644 : 0040755);
		add_library(f, "/2/x.so");
		assert_opens(f, NULL, "/1/x.so\n", -1);
		fake_assert_says(&f->ld, files[i].says);
	}
}

static void soft_errors_go_on(void **state)
{
	struct fixture *f = *state;

	add_library(f, "/1/x.so")->open_error = -SYS_EACCES;
	add_library(f, "/2/x.so")->open_error = -SYS_ELOOP;
	add_library(f, "/3/x.so")->open_error = -SYS_ENOTDIR;
	library_path(f, "/1:/2:/3");
	assert_fails(f, "x.so", &f->lib,
		"x.so" NO_FILE
		"\nx.so: needed by /app/lib/lib.so; skipped /1/x.so: Permission denied"
		"; skipped /2/x.so: Too many levels of symbolic links");
}

/* Going on would bind the program to another file than on a better day. */
static void shortages_end_the_search(void **state)
{
	static const int errors[] = {-SYS_EMFILE, -SYS_ENFILE, -SYS_ENOMEM, -SYS_EIO};
	struct fixture *f = *state;
	struct fake_file *first = add_library(f, "/1/x.so");

	add_library(f, "/2/x.so");
	library_path(f, "/1:/2");
	for (size_t i = 0; i < 3 * sizeof errors / sizeof *errors; i++) {
		int error = errors[i / 3];
		char message[200];

		first->open_error = i % 3 == 0 ? error : 0;
		first->fstat_error = i % 3 == 1 ? error : 0;
		first->read_error = i % 3 == 2 ? error : 0;
		snprintf(message, sizeof message,
			"x.so: cannot open shared object file: %s\nx.so: skipped /1/x.so: %s",
			errno_text(error), errno_text(error));
		assert_fails(f, "x.so", NULL, message);
		assert_string_equal(fake.opened, "/1/x.so\n");
	}
}

static void paths_have_a_limit(void **state)
{
	struct fixture *f = *state;
	char path[9000], name[256], message[10000];

	/* One byte less fits: PATH_MAX counts the final 0. */
	memset(path, 'd', sizeof path);
	path[0] = '/';
	path[4096 - sizeof "/x.so"] = 0;
	library_path(f, path);
	snprintf(message, sizeof message, "%s/x.so\n/lib/x.so\n/usr/lib/x.so\n", path);
	assert_opens(f, NULL, message, -1);
	diag_clear(&f->ld.diag);

	path[4096 - sizeof "/x.so"] = 'd';
	path[4096 - sizeof "/x.so" + 1] = 0;
	snprintf(message, sizeof message,
		"x.so" NO_FILE "\nx.so: skipped %.79s...: longer than 4095 bytes", path);
	assert_fails(f, "x.so", NULL, message);
	path[4096 - sizeof "/x.so" + 1] = 'd';
	path[4096] = 0;
	assert_fails(f, "x.so", NULL, message);
	path[4096] = 'd';
	path[sizeof path - 1] = 0;
	assert_fails(f, "x.so", NULL, message);

	f->prog.rpath = path;
	library_path(f, NULL);
	assert_fails(f, "x.so", NULL, message);

	memset(name, 'n', 255);
	name[255] = 0;
	library_path(f, "/e");
	f->prog.rpath = NULL;
	snprintf(message, sizeof message, "%s" NO_FILE, name);
	assert_fails(f, name, NULL, message);
	snprintf(message, sizeof message, "%s: longer than 4095 bytes", path);
	assert_fails(f, path, NULL, message);
}

static void without_memory(void **state)
{
	struct fixture *f = *state;

	assert_opens(f, NULL, "/lib/x.so\n/usr/lib/x.so\n", -1); /* needs memory to begin with */
	diag_clear(&f->ld.diag);
	f->ld.writable.end = f->ld.writable.next;
	f->lib.runpath = "$ORIGIN";
	assert_fails(f, "x.so", &f->lib,
		"x.so" NO_FILE
		"\nx.so: needed by /app/lib/lib.so; skipped $ORIGIN: $ORIGIN is unknown");

	add_library(f, "/1/x.so")->open_error = -SYS_EACCES;
	add_library(f, "/2/x.so");
	library_path(f, "/1:/2");
	fake_arena_free(&f->ld.permanent);
	assert_fails(f, "x.so", NULL, "/2/x.so: no memory for its path");
	fake_arena_free(&f->ld.scratch);
	library_path(f, "/1");
	assert_fails(f, "x.so", NULL, "x.so" NO_FILE);
}

/* ---- names with a slash ---- */

static void a_slash_makes_a_path(void **state)
{
	struct fixture *f = *state;
	Elf_Ehdr other = f->good;
	char message[200];

	other.e_machine = EM_SPARC;
	fake_add("./x.so", &other, sizeof other, 0100755);
	fake_add("/app/lib/../y.so", &f->good, sizeof f->good, 0100755);
	fake_add("/d/", NULL, 0, 0040755);
	library_path(f, "/e");
	snprintf(message, sizeof message,
		"./x.so" NO_FILE "\n./x.so: skipped ./x.so: e_machine 2, expected %d (%s)",
		ARCH_MACHINE, ARCH_NAME);
	assert_fails(f, "./x.so", NULL, message);
	fake.opened[0] = 0;
	assert_int_equal(
		search_library(&f->ld, "$ORIGIN/../y.so", &f->lib, &f->ld.permanent, &f->found), 0);
	assert_string_equal(f->found.path, "/app/lib/../y.so");
	assert_string_equal(fake.opened, "/app/lib/../y.so\n");
	assert_fails(
		f, "/no/x.so", &f->lib, "/no/x.so" NO_FILE "\n/no/x.so: needed by /app/lib/lib.so");
	assert_fails(f, "/d/", NULL,
		"/d/: cannot read file data: Is a directory\n/d/: not a regular file");
	assert_fails(f, "", &f->lib, "a library with an empty name, needed by /app/lib/lib.so");
}

/* ---- $ORIGIN and the like ---- */

static void tokens(void **state)
{
	struct fixture *f = *state;

	f->ld.config.platform = "haswell";
	f->lib.rpath = "$ORIGIN/a:${ORIGIN}/../$LIB:/p/${PLATFORM}-$PLATFORM:/$ORIGINAL:/${LIB:/$:/"
		       "${}/$LIB2";
	f->prog.rpath = "$ORIGIN";
	library_path(f, "$ORIGIN/e");
	assert_opens(f, &f->lib,
		"/app/lib/a/x.so\n/app/lib/../"
		"lib/" ARCH_MULTIARCH "/x.so\n/p/haswell-haswell/x.so\n/$ORIGINAL/x.so\n"
		"/${LIB/x.so\n/$/x.so\n/${}/$LIB2/x.so\n/app/bin/x.so\n/app/bin/e/x.so\n"
		"/lib/x.so\n/usr/lib/x.so\n",
		-1);
	diag_clear(&f->ld.diag);
	f->ld.config.platform = NULL;
	f->ld.abi = &abi_glibc;
	f->ld.config.inhibit_cache = true;
	f->lib.rpath = "/p/$PLATFORM";
	f->lib.flags_1 = DF_1_NODEFLIB;
	library_path(f, NULL);
	assert_opens(f, &f->lib, "/p/haswell/x.so\n/app/bin/x.so\n", -1);
	diag_clear(&f->ld.diag);
	f->lib.flags_1 = 0;
	f->ld.abi = &fake_abi;
	library_path(f, "$ORIGIN/e");
	f->lib.rpath = "/p/$PLATFORM";
	f->prog.rpath = NULL;
	assert_fails(f, "x.so", &f->lib,
		"x.so" NO_FILE
		"\nx.so: needed by /app/lib/lib.so; skipped /p/$PLATFORM: $PLATFORM is "
		"unknown");
}

static void expansion_has_a_limit(void **state)
{
	struct fixture *f = *state;
	char origin[3000], message[4000];

	memset(origin, 'o', sizeof origin);
	memcpy(origin + 2990, "/l.so", 6);
	origin[0] = '/';
	f->lib.path = origin;
	snprintf(message, sizeof message, "$ORIGIN/$ORIGIN/x: longer than 4095 bytes, needed by %s",
		origin);
	assert_fails(f, "$ORIGIN/$ORIGIN/x", &f->lib, message);
}

static void assert_origin(struct fixture *f, struct dso *d, const char *path, const char *expected)
{
	d->path = path;
	d->state->origin = NULL;
	if (expected)
		assert_string_equal(search_origin(&f->ld, d), expected);
	else
		assert_null(search_origin(&f->ld, d));
}

static void origins(void **state)
{
	struct fixture *f = *state;

	assert_origin(f, &f->lib, "/a/b/l.so", "/a/b");
	assert_origin(f, &f->lib, "/l.so", "/");
	assert_origin(f, &f->lib, "l.so", "/cwd");
	assert_origin(f, &f->lib, "./l.so", "/cwd");
	assert_origin(f, &f->lib, "././d/l.so", "/cwd/d");
	assert_origin(f, &f->lib, "../l.so", "/cwd/..");
	fake.cwd = "/";
	assert_origin(f, &f->lib, "l.so", "/");
	assert_origin(f, &f->lib, "d/l.so", "/d");
	fake.cwd = "(unreachable)/x";
	assert_origin(f, &f->lib, "l.so", NULL);
	fake.cwd = NULL;
	assert_origin(f, &f->lib, "l.so", NULL);
	f->lib.runpath = "$ORIGIN/d";
	assert_fails(f, "x.so", &f->lib,
		"x.so" NO_FILE "\nx.so: needed by l.so; skipped $ORIGIN/d: $ORIGIN is unknown");
}

static void origin_is_remembered(void **state)
{
	struct fixture *f = *state;
	const char *first = search_origin(&f->ld, &f->lib);

	f->lib.path = "/elsewhere/l.so";
	assert_ptr_equal(search_origin(&f->ld, &f->lib), first);
}

static void origin_of_the_program(void **state)
{
	struct fixture *f = *state;

	fake.exe = "/real/bin/prog";
	assert_origin(f, &f->prog, "/link/prog", "/real/bin");
	f->ld.config.command = true;
	fake_add("/link/prog", NULL, 0, 0120777);
	fake_add("/real/bin/prog", NULL, 0, 0100755);
	assert_origin(f, &f->prog, "/link/prog", "/real/bin");
	assert_origin(f, &f->prog, "/real/bin/../bin/prog", "/real/bin/../bin");
	assert_origin(f, &f->prog, "/gone/prog", "/gone");
	f->ld.config.command = false;
	assert_origin(f, &f->lib, "/link/lib", "/link");
	fake.exe = NULL;
	assert_origin(f, &f->prog, "/link/prog", "/link");
	f->ld.config.origin_path = "/said";
	assert_origin(f, &f->prog, "/link/prog", "/said");
	assert_origin(f, &f->lib, "/link/lib", "/link");
}

/* ---- secure mode ---- */

static void secure_directories(void **state)
{
	struct fixture *f = *state;

	f->ld.config.secure = true;
	fake_add("/good", NULL, 0, 0040755);
	fake_add("/open", NULL, 0, 0041777);
	fake_add("/user", NULL, 0, 0040755)->uid = 1000;
	fake_add("/loop", NULL, 0, 0040755)->fstat_error = -SYS_ELOOP;
	fake_add("/lib", NULL, 0, 0040755);
	f->prog.rpath = ":rel:./dot:/open:/user:/loop:/none:/good:$ORIGIN/lib";
	fake.opened[0] = 0;
	assert_fails(f, "x.so", &f->prog,
		"x.so" NO_FILE "\nx.so: needed by /app/bin/prog"
		"; skipped .: not an absolute path, in secure mode"
		"; skipped rel: not an absolute path, in secure mode"
		"; skipped ./dot: not an absolute path, in secure mode"
		"; skipped /open: in secure mode, but writable by others than root"
		"; skipped /user: in secure mode, but writable by others than root"
		"; skipped /loop: Too many levels of symbolic links"
		"; skipped $ORIGIN/lib: $ORIGIN leads out of the default directories, in secure "
		"mode");
	assert_string_equal(fake.opened, "/good/x.so\n/lib/x.so\n");
}

static void secure_paths(void **state)
{
	struct fixture *f = *state;

	f->ld.config.secure = true;
	add_library(f, "./x.so");
	add_library(f, "/abs/x.so");
	assert_fails(f, "./x.so", &f->prog,
		"./x.so: not an absolute path, in secure mode, needed by /app/bin/prog");
	assert_fails(f, "$ORIGIN/x.so", &f->prog,
		"$ORIGIN/x.so: $ORIGIN leads out of the default directories, in secure mode, "
		"needed by /app/bin/prog");
	assert_string_equal(fake.opened, "");
	assert_int_equal(search_library(&f->ld, "/abs/x.so", NULL, &f->ld.permanent, &f->found), 0);
}

/* $ORIGIN may lead to a default directory, by its letters, and nowhere else. */
static void secure_origin(void **state)
{
	static const struct {
		const char *origin, *rpath, *opened;
	} cases[] = {
		{"/usr/lib/p/l.so", "$ORIGIN", "/usr/lib/p/x.so\n"},
		{"/usr/bin/l.so", "${ORIGIN}/../lib", "/usr/lib/x.so\n"},
		{"/usr/bin/l.so", "$ORIGIN/.././/lib/./p/", "/usr/lib/p/x.so\n"},
		{"/usr/bin/l.so", "$ORIGIN/../libexec", ""},
		{"/usr/bin/l.so", "$ORIGIN/../lib/../bin", ""},
		{"/usr/lib/l.so", "/usr/lib$ORIGIN", ""},
		{"/usr/li/l.so", "${ORIGIN}b", ""},
		{"/l.so", "$ORIGIN/../../usr/lib", "/usr/lib/x.so\n"},
		{"/usr/lib/l.so", "$ORIGIN/$ORIGIN", ""},
	};
	struct fixture *f = *state;

	f->ld.config.secure = true;
	f->ld.config.origin_path = "/usr/lib";
	fake_add("/usr/lib", NULL, 0, 0040755);
	fake_add("/usr/lib/p", NULL, 0, 0040755);
	fake_add("/usr/libexec", NULL, 0, 0040755);
	fake_add("/usr/bin", NULL, 0, 0040755);
	fake_add("/usr/lib/usr/lib", NULL, 0, 0040755);
	fake_add("/usr/lib/usr/lib/usr/lib", NULL, 0, 0040755);
	f->lib.flags_1 = DF_1_NODEFLIB;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		f->lib.path = cases[i].origin;
		f->lib.state->origin = NULL;
		f->lib.runpath = cases[i].rpath;
		assert_opens(f, &f->lib, cases[i].opened, -1);
		diag_clear(&f->ld.diag);
	}
}

/* ---- what is preloaded ---- */

static void preload_is_believed(void **state)
{
	struct fixture *f = *state;

	assert_null(search_preload(&f->ld));
	f->ld.config.preload = "/a.so b.so";
	assert_string_equal(search_preload(&f->ld), "/a.so b.so");
}

static void secure_preload(void **state)
{
	struct fixture *f = *state;

	f->ld.config.secure = true;
	f->ld.config.preload = "never.so";
	assert_null(search_preload(&f->ld));
	fake_add("/lib", NULL, 0, 0040755);
	fake_add("/usr/lib", NULL, 0, 0040755);
	fake_add("/evil", NULL, 0, 0040755);
	add_library(f, "/lib/plain.so");
	add_library(f, "/usr/lib/good.so")->mode = 0104755;
	add_library(f, "/lib/other.so")->mode = 0104755;
	add_library(f, "/lib/group.so")->mode = 0102755;
	add_library(f, "/evil/path.so")->mode = 0104755;
	add_library(f, "/evil/lib.so")->mode = 0104755;
	add_library(f, "/lib/../evil/lib.so")->mode = 0104755;
	library_path(f, "/evil");
	f->prog.rpath = "/evil";
	f->ld.config.secure_preload =
		":plain.so good.so:/evil/path.so group.so ../evil/lib.so lib.so other.so";
	assert_string_equal(search_preload(&f->ld), "/usr/lib/good.so:/lib/other.so");
	assert_int_equal(fake.open_now, 0);
	f->ld.config.secure_preload = "plain.so";
	assert_null(search_preload(&f->ld));
}

static void preload_file(void **state)
{
	static const char text[] = "# all of it\n/lib/a.so b.so:c.so\td.so # not e.so\n\nf.so#g.so";
	struct fixture *f = *state;
	struct fake_file *file;

	assert_null(search_preload_file(&f->ld));
	assert_string_equal(fake.opened, "/etc/preload\n");
	file = fake_add("/etc/preload", text, sizeof text - 1, 0100644);
	assert_string_equal(search_preload_file(&f->ld),
		"            /lib/a.so b.so:c.so d.so             f.so     ");
	assert_int_equal(fake.stats, 0);
	assert_string_equal(fake.written[2], "");
	file->open_error = -SYS_EMFILE;
	assert_null(search_preload_file(&f->ld));
	assert_string_equal(fake.written[2],
		"myld.so: /etc/preload is ignored; skipped /etc/preload: Too many open files\n");
}

static void others_have_no_preload_file(void **state)
{
	struct fixture *f = *state;

	assert_null(search_preload_file(&f->ld));
	assert_string_equal(fake.opened, "");
}

/* ---- glibc-hwcaps ---- */

static void add_directory(const char *path)
{
	fake_add(path, NULL, 0, 0040755);
}

static void hwcaps_come_first(void **state)
{
	struct fixture *f = *state;

	add_directory("/e");
	add_directory("/e/glibc-hwcaps");
	add_directory("/e/glibc-hwcaps/x86-64-v4");
	add_directory("/e/glibc-hwcaps/x86-64-v2");
	add_directory("/e/glibc-hwcaps/mine");
	fake_add("/e/glibc-hwcaps/yours", NULL, 0, 0100755);
	library_path(f, "/e/:/none");
	f->ld.config.hwcaps_prepend = "yours:mine::absent";
	f->lib.flags_1 = DF_1_NODEFLIB;
	f->ld.config.inhibit_cache = true;
	if (!*ARCH_HWCAPS)
		skip();
	assert_opens(f, &f->lib,
		"/e/glibc-hwcaps/mine/x.so\n/e/glibc-hwcaps/x86-64-v2/x.so\n/e/x.so\n"
		"/none/x.so\n",
		-1);
	/* /e: glibc-hwcaps, yours, mine, absent, v3, v2, /e; /none: glibc-hwcaps, /none */
	assert_int_equal(fake.stats, 9);
	/* What was learnt is not asked for again. */
	assert_opens(f, &f->lib,
		"/e/glibc-hwcaps/mine/x.so\n/e/glibc-hwcaps/x86-64-v2/x.so\n/e/x.so\n", -1);
	assert_int_equal(fake.stats, 9);
	/* A program that runs may have made the directory. */
	f->ld.phase = PHASE_RUNNING;
	assert_opens(f, &f->lib,
		"/e/glibc-hwcaps/mine/x.so\n/e/glibc-hwcaps/x86-64-v2/x.so\n/e/x.so\n"
		"/none/x.so\n",
		-1);
}

static void hwcaps_are_masked(void **state)
{
	struct fixture *f = *state;

	add_directory("/e");
	add_directory("/e/glibc-hwcaps");
	add_directory("/e/glibc-hwcaps/x86-64-v3");
	add_directory("/e/glibc-hwcaps/x86-64-v2");
	library_path(f, "/e");
	f->ld.config.hwcaps_mask = "x86-64-v2:x86-64-v";
	f->ld.config.inhibit_cache = true;
	f->lib.flags_1 = DF_1_NODEFLIB;
	if (!*ARCH_HWCAPS)
		skip();
	assert_opens(f, &f->lib, "/e/glibc-hwcaps/x86-64-v2/x.so\n/e/x.so\n", -1);
}

static void a_hit_takes_one_look(void **state)
{
	struct fixture *f = *state;

	add_library(f, "/e/x.so");
	library_path(f, "/e");
	assert_opens(f, &f->lib, "/e/x.so\n", 0);
	assert_opens(f, &f->lib, "/e/x.so\n", 0);
	assert_int_equal(fake.stats, 1);
}

static void hwcaps_without_memory(void **state)
{
	struct fixture *f = *state;

	fake_arena_free(&f->ld.writable);
	library_path(f, "/e");
	assert_fails(f, "x.so", NULL,
		"x.so: cannot open shared object file: Cannot allocate memory\n"
		"x.so: skipped all: Cannot allocate memory");
}

static void hwcaps_have_a_limit(void **state)
{
	struct fixture *f = *state;
	char path[4096], message[5000];

	memset(path, 'd', sizeof path);
	path[0] = '/';
	path[4096 - sizeof "/glibc-hwcaps"] = 0;
	library_path(f, path);
	f->lib.flags_1 = DF_1_NODEFLIB;
	f->ld.config.inhibit_cache = true;
	snprintf(message, sizeof message, "%s/x.so\n", path);
	assert_opens(f, &f->lib, message, -1);
}

/* ---- ld.so.cache ---- */

/* A cache of one library, x.so, and its path, written by hand: cache.c's test has the rest. */
static struct fake_file *add_cache(struct fixture *f, const char *path)
{
	static const char magic[] = "glibc-ld.so.cache1.1";
	size_t n = strlen(path) + 1, size = 48 + 24 + 5 + n;
	uint32_t *words;

	free(f->cache);
	f->cache = calloc(1, size);
	words = (uint32_t *)f->cache;
	memcpy(f->cache, magic, 20);
	words[5] = 1;
	words[6] = 5 + (uint32_t)n;
	words[12] = ARCH_CACHE_FLAGS;
	words[13] = 72;
	words[14] = 77;
	memcpy(f->cache + 72, "x.so", 5);
	memcpy(f->cache + 77, path, n);
	return fake_add("/etc/cache", f->cache, size, 0100644);
}

static void cache_before_the_defaults(void **state)
{
	struct fixture *f = *state;

	add_cache(f, "/c/x.so");
	f->lib.runpath = "/run";
	assert_opens(f, &f->lib, "/run/x.so\n/etc/cache\n/c/x.so\n/lib/x.so\n/usr/lib/x.so\n", -1);
	assert_int_equal(fake.mapped, 1);
	/* Once in a start. */
	add_library(f, "/c/x.so");
	assert_opens(f, NULL, "/c/x.so\n", 0);
	assert_string_equal(f->found.path, "/c/x.so");
	f->ld.config.inhibit_cache = true;
	f->ld.places = NULL;
	assert_opens(f, NULL, "/lib/x.so\n/usr/lib/x.so\n", -1);
}

static void cache_may_be_absent(void **state)
{
	struct fixture *f = *state;

	assert_opens(f, NULL, "/etc/cache\n/lib/x.so\n/usr/lib/x.so\n", -1);
	assert_opens(f, NULL, "", -1); /* /lib and /usr/lib are absent too */
	diag_clear(&f->ld.diag);
	search_end(&f->ld);
	add_cache(f, "/c/x.so");
	add_library(f, "/c/x.so");
	assert_opens(f, NULL, "/etc/cache\n/c/x.so\n", 0);
}

/* A dlopen years later takes what ldconfig has written since. */
static void cache_is_renewed(void **state)
{
	struct fixture *f = *state;
	struct fake_file *old = add_cache(f, "/old/x.so");

	add_library(f, "/old/x.so");
	add_library(f, "/new/x.so");
	assert_opens(f, NULL, "/etc/cache\n/old/x.so\n", 0);
	assert_opens(f, NULL, "/old/x.so\n", 0);
	assert_int_equal(fake.mapped, 1);
	search_end(&f->ld);
	assert_int_equal(fake.mapped, 0);
	old->path = "/replaced";
	add_cache(f, "/new/x.so");
	assert_opens(f, NULL, "/etc/cache\n/new/x.so\n", 0);
	search_end(&f->ld);
	assert_int_equal(fake.mapped, 0);
}

static void cache_of_default_directories_and_nodeflib(void **state)
{
	struct fixture *f = *state;

	add_cache(f, "/usr/lib/sub/x.so");
	add_library(f, "/usr/lib/sub/x.so");
	f->lib.flags_1 = DF_1_NODEFLIB;
	assert_opens(f, &f->lib, "/etc/cache\n", -1);
}

static void broken_cache_is_ignored(void **state)
{
	struct fixture *f = *state;
	struct fake_file *file = add_cache(f, "/c/x.so");

	f->ld.diag.debug = DEBUG_LIBS;
	f->cache[0] = 'x';
	assert_opens(f, NULL, "/etc/cache\n/lib/x.so\n/usr/lib/x.so\n", -1);
	assert_non_null(strstr(fake.written[2],
		" cache /etc/cache is not used: it does not begin as ldconfig's file does\n"));
	assert_opens(f, NULL, "", -1);
	search_end(&f->ld);
	f->ld.phase = PHASE_RUNNING;
	file->open_error = -SYS_EACCES;
	file->size--;
	assert_opens(f, NULL, "/etc/cache\n/lib/x.so\n/usr/lib/x.so\n", -1);
	assert_non_null(
		strstr(fake.written[2], " cache /etc/cache is not used: Permission denied\n"));
	assert_int_equal(fake.mapped, 0);
}

static void shortages_of_the_cache_end_the_search(void **state)
{
	struct fixture *f = *state;
	struct fake_file *file = add_cache(f, "/c/x.so");

	file->open_error = -SYS_EMFILE;
	assert_fails(f, "x.so", NULL,
		"x.so: cannot open shared object file: Too many open files\n"
		"x.so: skipped /etc/cache: Too many open files");
	f->ld.places = NULL;
	file->open_error = 0;
	fake.map_error = -SYS_ENOMEM;
	assert_fails(f, "x.so", NULL,
		"x.so: cannot open shared object file: Cannot allocate memory\n"
		"x.so: skipped /etc/cache: Cannot allocate memory");
	assert_string_equal(fake.opened, "/etc/cache\n");
}

/* ---- a libc's file, which may be absent ---- */

static void quiet_searches(void **state)
{
	struct fixture *f = *state;
	Elf_Ehdr other = f->good;

	other.e_machine = EM_SPARC;
	fake_add("/1/c.so", &other, sizeof other, 0100755);
	add_library(f, "/3/c.so");
	assert_int_equal(
		search_open(&f->ld, "/0/c.so", &f->ld.permanent, &f->found), SEARCH_ABSENT);
	assert_int_equal(
		search_open(&f->ld, "/1/c.so", &f->ld.permanent, &f->found), SEARCH_ABSENT);
	assert_int_equal(
		search_list(&f->ld, "c.so", "/0:/1", &f->ld.permanent, &f->found), SEARCH_ABSENT);
	assert_int_equal(f->ld.diag.count, 0);
	assert_int_equal(fake.open_now, 0);
	assert_int_equal(
		search_list(&f->ld, "c.so", "/1:/2:/3", &f->ld.permanent, &f->found), SEARCH_FOUND);
	assert_string_equal(f->found.path, "/3/c.so");
	assert_int_equal(search_open(&f->ld, "/3/c.so", &f->ld.permanent, &f->found), SEARCH_FOUND);
	fake.files[1].open_error = -SYS_EMFILE;
	assert_int_equal(
		search_open(&f->ld, "/3/c.so", &f->ld.permanent, &f->found), SEARCH_FAILED);
	assert_message(f, "/3/c.so: search aborted; skipped /3/c.so: Too many open files");
}

/* ---- the program ---- */

static void assert_program(
	struct fixture *f, const char *name, const char *path, const char *opened)
{
	fake.opened[0] = 0;
	fake.open_now = 0;
	if (path) {
		assert_int_equal(search_program(&f->ld, name, &f->found), 0);
		assert_string_equal(f->found.path, path);
	} else {
		assert_int_equal(search_program(&f->ld, name, &f->found), -1);
	}
	assert_string_equal(fake.opened, opened);
	assert_int_equal(fake.open_now, path != NULL);
}

static void program_along_path(void **state)
{
	struct fixture *f = *state;

	f->environment[0] = "PATH=/a::/b:/c:/d";
	fake_add("/a/p", "text", 4, 0100644);
	fake_add("/b/p", NULL, 0, 0040755);
	fake_add("/c/p", "#!/bin/sh", 9, 0100755);
	assert_program(f, "p", "/c/p", "/a/p\n./p\n/b/p\n/c/p\n");
	fake.files[2].mode = 0100600;
	assert_program(f, "p", NULL, "/a/p\n./p\n/b/p\n/c/p\n/d/p\n");
	assert_message(f, "p" NO_FILE "\np: not found in PATH (/a::/b:/c:/d)"
			  "; skipped /a/p: not executable (mode 644)"
			  "; skipped /b/p: not a regular file"
			  "; skipped /c/p: not executable (mode 600)");
}

static void program_path_has_a_limit(void **state)
{
	struct fixture *f = *state;
	char path[4096 + sizeof "PATH="] = "PATH=", message[9000];

	memset(path + 5, 'd', 4096);
	f->environment[0] = path;
	assert_program(f, "p", NULL, "");
	snprintf(message, sizeof message,
		"p" NO_FILE "\np: not found in PATH (%s); skipped %.79s...: longer than 4095 bytes",
		path + 5, path + 5);
	assert_message(f, message);
}

static void program_without_path(void **state)
{
	struct fixture *f = *state;

	assert_program(f, "p", NULL, "/usr/local/bin/p\n/bin/p\n/usr/bin/p\n");
	assert_message(f, "p" NO_FILE "\np: not found in PATH (/usr/local/bin:/bin:/usr/bin)");
	assert_program(f, "", NULL, "");
}

static void program_with_slash(void **state)
{
	struct fixture *f = *state;
	char *path = malloc(5000);

	fake_add("./p", "text", 4, 0100644);
	assert_program(f, "./p", "./p", "./p\n");
	assert_program(f, "/no/p", NULL, "/no/p\n");
	assert_message(f, "/no/p" NO_FILE);
	memset(path, '/', 4096);
	path[4096] = 0;
	assert_program(f, path, NULL, "");
	diag_clear(&f->ld.diag);
	free(path);
}

/* ---- LD_DEBUG=libs ---- */

static void debug_output(void **state)
{
	struct fixture *f = *state;

	f->ld.diag.debug = DEBUG_LIBS;
	f->ld.diag.pid = 7;
	f->lib.ns = &f->ld.base;
	f->lib.runpath = "/run";
	library_path(f, "/e");
	add_library(f, "/lib/x.so");
	assert_opens(f, &f->lib, "/e/x.so\n/run/x.so\n/lib/x.so\n", 0);
	assert_string_equal(fake.written[2],
		"         7:\tfind library=x.so [0]; searching\n"
		"         7:\t search path=/e\t\t(LD_LIBRARY_PATH)\n"
		"         7:\t  trying file=/e/x.so\n"
		"         7:\t search path=/run\t\t(RUNPATH from file /app/lib/lib.so)\n"
		"         7:\t  trying file=/run/x.so\n"
		"         7:\t search path=/lib:/usr/lib\t\t(default directories)\n"
		"         7:\t  trying file=/lib/x.so\n"
		"         7:\t\n");
}

#define TEST(name)       cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define MUSL_TEST(name)  cmocka_unit_test_setup_teardown(name, set_up_musl, tear_down)
#define GLIBC_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_glibc, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_opened_library_is_needed_by_nobody),
		TEST(rpath_environment_default),
		TEST(found_ends_the_search),
		TEST(runpath_replaces_rpath),
		TEST(runpath_is_not_inherited),
		TEST(rpath_of_the_program_comes_last),
		TEST(nobody_means_the_program),
		TEST(nodeflib),
		TEST(inhibited),
		TEST(empty_is_the_current_directory),
		MUSL_TEST(musl_environment_inherited_default),
		MUSL_TEST(musl_path_file),
		MUSL_TEST(musl_directories_without_a_search),
		MUSL_TEST(musl_path_file_beside_the_interpreter),
		MUSL_TEST(musl_path_file_unreadable),
		TEST(what_is_no_object_ends_the_search),
		TEST(other_machines_are_skipped),
		TEST(soft_errors_go_on),
		TEST(shortages_end_the_search),
		TEST(paths_have_a_limit),
		TEST(without_memory),
		TEST(a_slash_makes_a_path),
		TEST(tokens),
		TEST(expansion_has_a_limit),
		TEST(origins),
		TEST(origin_is_remembered),
		TEST(origin_of_the_program),
		TEST(secure_directories),
		TEST(secure_paths),
		TEST(secure_origin),
		TEST(preload_is_believed),
		TEST(secure_preload),
		GLIBC_TEST(preload_file),
		TEST(others_have_no_preload_file),
		GLIBC_TEST(hwcaps_come_first),
		GLIBC_TEST(hwcaps_are_masked),
		GLIBC_TEST(a_hit_takes_one_look),
		GLIBC_TEST(hwcaps_without_memory),
		GLIBC_TEST(hwcaps_have_a_limit),
		GLIBC_TEST(cache_before_the_defaults),
		GLIBC_TEST(cache_may_be_absent),
		GLIBC_TEST(cache_is_renewed),
		GLIBC_TEST(cache_of_default_directories_and_nodeflib),
		GLIBC_TEST(broken_cache_is_ignored),
		GLIBC_TEST(shortages_of_the_cache_end_the_search),
		TEST(quiet_searches),
		TEST(program_along_path),
		TEST(program_path_has_a_limit),
		TEST(program_without_path),
		TEST(program_with_slash),
		TEST(debug_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
