/* build_id.h: what ld(1) has made of a file's contents, to know it by (--build-id).
 *
 * gABI, "Note Section"; in a segment that is aligned to 8 bytes the parts of a note are, too
 * (x86-64 psABI, "Program Property Note").
 */
#ifndef BUILD_ID_H
#define BUILD_ID_H

#include "state/dso.h"

#define BUILD_ID_ROOM  32   /* bytes of the longest one that is taken */
#define BUILD_ID_NOTES 2048 /* bytes of a segment of notes that are looked at */

/* The build-id among n bytes of notes, padded with 0; returns its length, 0 if there is none or a
 * longer one. */
size_t build_id_find(const char *notes, size_t n, size_t align, unsigned char id[BUILD_ID_ROOM]);

/* The same of a mapped object. */
size_t build_id_of(const struct dso *d, unsigned char id[BUILD_ID_ROOM]);

/* Bytes of a PT_NOTE that are looked at. */
size_t build_id_notes(const Elf_Phdr *p);

#endif
