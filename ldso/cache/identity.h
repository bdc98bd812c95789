/* identity.h: what tells that a file is the same one on another host.
 *
 * There it has another inode and other times, so its contents have to tell: by the build-id that
 * ld(1) made of them (--build-id), or where there is none by a checksum.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "object/build_id.h"
#include "state/loader.h"

#define IDENTITY BUILD_ID_ROOM /* bytes; what is shorter is padded with 0 */

/* The build-id of a mapped object.  false: it has none, or a longer one. */
bool identity_of_object(const struct dso *d, unsigned char id[IDENTITY]);

/* The size and the build-id of the file at path. */
bool identity_of_elf(const char *path, uint64_t *size, unsigned char id[IDENTITY]);

/* The size and the checksum of the file at path. */
bool identity_of_contents(
	struct loader *ld, const char *path, uint64_t *size, unsigned char id[IDENTITY]);

/* Whether a file with this time (of the last change, st_ctime) is sure to get another one should it
 * change after that moment.  Times are nanoseconds. */
bool identity_is_settled(int64_t ctime, int64_t moment);

#endif
