/* debug.c: finds the file with the debugging information of an object.
 *
 * That may be the object itself; a file that is named; or one in a tree, by the object's build-id
 * (".build-id/xx/yyyy.debug", as gdb has it), or else by its name anywhere in the tree: distributions
 * put it below the object's directory, and a tree that was unpacked somewhere has others in front.
 * Whether it really belongs to the object is told by its sections, and by the build-id if both have one.
 */
#include <fcntl.h>
#include <fts.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libc/glibc/gen/gen.h"

#define SYSTEM_TREE "/usr/lib/debug"

/* What is looked for, and what was found so far. */
struct search {
	struct object *object;
	const char *other; /* a file of the right name that was none of this object's */
};

static bool has_section(Elf *elf, const char *name)
{
	size_t names;
	GElf_Shdr shdr;

	if (elf_getshdrstrndx(elf, &names) < 0)
		return false;
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		const char *s =
			gelf_getshdr(scn, &shdr) ? elf_strptr(elf, names, shdr.sh_name) : NULL;

		if (s && strcmp(s, name) == 0)
			return true;
	}
	return false;
}

static bool has_types(Elf *elf)
{
	return has_section(elf, ".debug_info") || has_section(elf, ".zdebug_info");
}

/* The next section of code. */
static Elf_Scn *next_code(Elf *elf, Elf_Scn *scn, GElf_Shdr *shdr)
{
	while ((scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, shdr) && shdr->sh_flags & SHF_EXECINSTR)
			return scn;
	return NULL;
}

/* Whether the code of both has the same addresses and sizes, section by section. */
static bool same_sections(Elf *a, Elf *b)
{
	Elf_Scn *s = NULL, *t = NULL;
	GElf_Shdr x, y;

	do {
		s = next_code(a, s, &x);
		t = next_code(b, t, &y);
		if (!s || !t)
			return s == t;
	} while (x.sh_addr == y.sh_addr && x.sh_size == y.sh_size);
	return false;
}

static bool belongs(Elf *object, Elf *debug)
{
	const void *a, *b;
	ssize_t n = dwelf_elf_gnu_build_id(object, &a), m = dwelf_elf_gnu_build_id(debug, &b);

	if (n > 0 && m > 0 && (n != m || memcmp(a, b, (size_t)n) != 0))
		return false;
	return gelf_getclass(object) == gelf_getclass(debug) && same_sections(object, debug);
}

/* Takes the file if it is the right one. */
static bool try_file(struct search *s, const char *path)
{
	struct object *o = s->object;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);

	if (elf && elf_kind(elf) == ELF_K_ELF && has_types(elf) && belongs(o->elf, elf)) {
		o->debug_elf = elf;
		o->debug_path = strdup(path);
		return true;
	}
	if (elf && !s->other)
		s->other = strdup(path);
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	return false;
}

static bool try_build_id(struct search *s, const char *tree)
{
	char *path, hex[2 * MAX_BUILD_ID + 1];
	bool found;

	if (s->object->build_id_size < 2)
		return false;
	object_build_id(s->object, hex);
	if (asprintf(&path, "%s/.build-id/%.2s/%s.debug", tree, hex, hex + 2) < 0)
		die("out of memory");
	found = try_file(s, path);
	free(path);
	return found;
}

/* Whether a file has the object's name, with or without .debug behind it. */
static bool is_named(const char *file, const char *object)
{
	char *copy = strdup(object), *name = basename(copy);
	size_t n = strlen(name);
	bool named =
		strncmp(file, name, n) == 0 && (!file[n] || strcmp(file + n, ".debug") == 0 ||
						       (file[n] == '-' && strstr(file, ".debug")));

	free(copy);
	return named;
}

static bool try_names(struct search *s, const char *tree)
{
	char *const roots[] = {(char *)tree, NULL};
	char *real = realpath(s->object->path, NULL);
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	bool found = false;

	for (FTSENT *e; fts && !found && (e = fts_read(fts));)
		if (e->fts_info == FTS_F && (is_named(e->fts_name, s->object->path) ||
						    (real && is_named(e->fts_name, real))))
			found = try_file(s, e->fts_path);
	if (fts)
		fts_close(fts);
	free(real);
	return found;
}

static bool try_tree(struct search *s, const char *tree)
{
	return try_build_id(s, tree) || try_names(s, tree);
}

/* Beside the object, where objcopy and gdb look. */
static bool try_beside(struct search *s)
{
	char *path;
	bool found;

	if (asprintf(&path, "%s.debug", s->object->path) < 0)
		die("out of memory");
	found = try_file(s, path);
	free(path);
	return found;
}

const char *debug_find(struct object *o, const char *given)
{
	struct search s = {.object = o};
	struct stat st = {0};
	char *why;

	if (*given && stat(given, &st) < 0)
		die("%s: there is no such file or directory", given);
	if (try_file(&s, o->path) || try_beside(&s))
		return NULL;
	s.other = NULL;
	if (*given && (S_ISDIR(st.st_mode) ? try_tree(&s, given) : try_file(&s, given)))
		return NULL;
	if (try_tree(&s, SYSTEM_TREE))
		return NULL;
	if (asprintf(&why,
		    "it has no debugging information, and there is none of it in %s%s" SYSTEM_TREE
		    "%s%s",
		    given, *given ? " or " : "",
		    s.other ? "; of another build, or without types, is " : "",
		    s.other ? s.other : "") < 0)
		die("out of memory");
	return why;
}
