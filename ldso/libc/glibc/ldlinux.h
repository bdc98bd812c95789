/* ldlinux.h: what the file of an ld-linux says of its glibc.
 *
 * Builds of one layout differ in their tunables, in the directories that they search, and in the
 * symbols that ld-linux exports.  All of that can be read from the file, without debugging
 * information.  The file is read, not mapped, so that one that is truncated meanwhile causes an
 * error, not a signal; nothing in it is trusted.
 */
#ifndef GLIBC_LDLINUX_H
#define GLIBC_LDLINUX_H

#include "base/mem.h"
#include "base/path.h"
#include "libc/glibc/layout.h"
#include "search/search.h"

/* The segments of a file as the kernel would map them, with their RELATIVE relocations applied for
 * address 0.  Its memory is the scratch arena's. */
struct ldlinux {
	struct dso dso;
	struct dso_state state;
	struct arena_mark before;
};

/* What is before the name of an ld-linux whose place a myld.so has taken (docs/package/README.md): ldconfig
 * takes files for libraries whose names begin with "ld-", and would make a link to this one of the other.
 * And a symbol that tells a myld.so from an ld-linux. */
#define LDLINUX_SYSTEM "system-"
#define LDLINUX_MYLD   "myld_maps"

/* The name of the ld-linux that libc needs.  NULL: it needs none (reported). */
static inline const char *ldlinux_name(struct loader *ld, const struct dso *libc)
{
	for (size_t i = 0; i < libc->nneeded; i++)
		if (!strncmp(libc->needed[i], "ld", 2) && !strchr(libc->needed[i], '/'))
			return libc->needed[i];
	fail(ld, "%s: DT_NEEDED names no ld-linux", libc->path);
	return NULL;
}

/* The length, with its last slash, of the folder in which the files of libc's glibc lie: that of its own path,
 * but if libc lies in a subfolder of glibc-hwcaps, the one that has these. */
static inline size_t ldlinux_folder(const char *libc)
{
	static const char hwcaps[] = "glibc-hwcaps/";
	size_t n = (size_t)(path_base(libc) - libc), above = n, len = sizeof hwcaps - 1;

	while (above && (above == n || libc[above - 1] != '/'))
		above--;
	if (above < len || memcmp(libc + above - len, hwcaps, len) ||
		(above > len && libc[above - len - 1] != '/'))
		return n;
	return above - len;
}

/* Reads the file, or if that is a myld.so, the one that it has taken the place of.  Returns 0, or -1
 * (reported). */
int ldlinux_open(struct loader *ld, struct ldlinux *f, const char *path);
/* The same of the ld-linux in the folder of libc's glibc. */
int ldlinux_open_beside(struct loader *ld, struct ldlinux *f, const struct dso *libc);
/* Frees what was allocated from the scratch arena since ldlinux_open(). */
void ldlinux_close(struct loader *ld, struct ldlinux *f);

/* Whether a string of the file, as far as one segment holds it, is this text. */
bool ldlinux_has_string(const struct ldlinux *f, const char *text);

/* Whether it exports the symbol with this version. */
bool ldlinux_exports(
	struct loader *ld, struct ldlinux *f, const char *symbol, const struct version *version);

/* Sets *paths to its default directories and to what $LIB stands for, in the permanent arena.  -1:
 * they were not found, or there is no memory (reported). */
int ldlinux_paths(struct loader *ld, const struct ldlinux *f, struct libc_paths *paths);

/* Sets the list of tunables of b, in the permanent arena (ldlinux_tunables.c).  -1: it was not
 * found, or there is no memory (reported). */
int ldlinux_tunables(struct loader *ld, const struct ldlinux *f, struct glibc_build *b);

/* The string at address v of the file; NULL: no segment holds it to its end. */
const char *ldlinux_string(const struct ldlinux *f, uintptr_t v);

#endif
