/* identity.h: recognises a file on another host by its contents.
 *
 * Its inode and its times are different there.  An ELF file is identified by the build-id that
 * ld(1) computed from its contents (--build-id), any other file by a checksum.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "object/build_id.h"
#include "state/loader.h"

#define IDENTITY BUILD_ID_ROOM /* bytes; a shorter id is padded with 0 */

/* Sets id to the build-id of a mapped object; false if it has none, or a longer one. */
bool identity_of_object(const struct dso *d, unsigned char id[IDENTITY]);

/* Sets *size and id to the size and the build-id of the file at path; false if it has none or
 * cannot be read. */
bool identity_of_elf(const char *path, uint64_t *size, unsigned char id[IDENTITY]);

/* Sets *size and id to the size and the checksum of the file at path; false if it cannot be
 * read. */
bool identity_of_contents(
	struct loader *ld, const char *path, uint64_t *size, unsigned char id[IDENTITY]);

/* Whether a file with this st_ctime is sure to get a different one if it is changed after `moment`.
 * Both in nanoseconds since 1970. */
bool identity_is_settled(int64_t ctime, int64_t moment);

#endif
