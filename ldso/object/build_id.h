/* build_id.h: the build-id, a hash of a file's contents that ld(1) stores in it (--build-id).
 *
 * gABI, "Note Section"; in a segment that is aligned to 8 bytes the parts of a note are aligned so
 * too (x86-64 psABI, "Program Property Note").
 */
#ifndef BUILD_ID_H
#define BUILD_ID_H

#include "state/dso.h"

#define BUILD_ID_ROOM  32   /* bytes of the longest build-id that is accepted */
#define BUILD_ID_NOTES 2048 /* bytes of a PT_NOTE that are searched */

/* Copies the build-id found in n bytes of notes to id, padded with 0, and returns its length; 0:
 * there is none, or it is longer than BUILD_ID_ROOM. */
size_t build_id_find(const char *notes, size_t n, size_t align, unsigned char id[BUILD_ID_ROOM]);

/* The same for a mapped object. */
size_t build_id_of(const struct dso *d, unsigned char id[BUILD_ID_ROOM]);

/* The number of bytes of a PT_NOTE to search. */
size_t build_id_notes(const Elf_Phdr *p);

#endif
