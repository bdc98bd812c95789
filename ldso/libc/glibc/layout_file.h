/* layout_file.h: files that say the layout of a build which no known layout fits.
 *
 * `myld.so --learn-glibc` writes one, and a start whose libc.so.6 has its build-id reads it.  Text:
 *
 *	myld-layout 1 MACHINE BUILD-ID VERSION NEAR
 *	ro.debug_mask 0
 *	...
 *
 * NEAR is the known layout that it was learnt from.  Then each field in the order of the table has a line,
 * with "-" for one that the build does not have.
 */
#ifndef GLIBC_LAYOUT_FILE_H
#define GLIBC_LAYOUT_FILE_H

#include "libc/glibc/layout.h"

#define LAYOUT_FILE_SYSTEM "/etc/myld/layouts"
#define LAYOUT_FILE_OWN    "myld/layouts" /* below the user's configuration */

struct layout_file {
	char machine[16], build_id[GLIBC_ID_ROOM], version[8], near[24];
	struct glibc_layout layout;
};

/* What is wrong with a file, and in which line, from 1 on; 0: in the whole. */
struct layout_fault {
	unsigned line;
	char text[120];
};

/* Reads the n bytes of a file.  Nothing in them is trusted: what comes out is a layout of this machine whose
 * fields lie in their structures, and these in the room that the loader has for them.  false: *fault says
 * why not. */
bool layout_file_parse(
	const char *text, size_t n, struct layout_file *f, struct layout_fault *fault);

/* Writes the text into buf (`room` bytes); returns its length, as format(). */
size_t layout_file_format(const struct layout_file *f, char *buf, size_t room);

/* Looks for the file of a build: the system's, then unless in secure mode the user's.  1: *f is its contents;
 * 0: there is none; -1: it cannot be used, and *why, in the scratch arena, is "PATH:LINE: TEXT". */
int layout_file_find(
	struct loader *ld, const char *build_id, struct layout_file *f, const char **why);

/* Writes the file, to `path` if that is not NULL, else where layout_file_find() looks for it: the system's for
 * root, otherwise the user's.  *path is set to its name, in the scratch arena.  -1: reported. */
int layout_file_write(struct loader *ld, const struct layout_file *f, const char **path);

#endif
