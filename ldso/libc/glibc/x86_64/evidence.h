/* evidence.h: what a specimen, its ld-linux and its libc.so.6 say of each field of a layout.
 *
 * A field has a witness if something tells where it can be: a value that is known from elsewhere is at
 * some offsets of the structure and not at others, or the offset itself is told.  The rules hold for
 * every build that is known and can be run.
 */
#ifndef GLIBC_EVIDENCE_H
#define GLIBC_EVIDENCE_H

#include "libc/glibc/x86_64/specimen.h"

/* The number of a field, "ro.auxv" as ROW(ro.auxv), in struct glibc_layout. */
#define ROW(member) (offsetof(struct glibc_layout, member) / sizeof(uint16_t))

enum part {
	PART_RO,
	PART_GLOBAL,
	PART_NS,
	PART_MAP,
	PART_PTHREAD,
	PART_CPU,
	PARTS,
	PART_RULES = PARTS
};

/* A structure in the process; of link maps the first. */
struct structure {
	uintptr_t at;
	size_t size; /* 0: not known */
	const unsigned char *bytes;
};

#define EVIDENCE_SURPLUS 1664 /* bytes of static TLS that ld.so keeps for libraries opened later */
#define EVIDENCE_NTLS    1    /* objects of the specimen with thread-local storage: libc.so.6 */

enum told { TOLD_NOTHING, TOLD_VALUE, TOLD_OFFSET };

/* What is known of a field: the value of `size` bytes that it has, or its offset (or whatever the row of
 * the table says). */
struct expectation {
	uint8_t told; /* enum told */
	uint8_t size;
	uint64_t value;
	const char *by; /* what tells it, for messages */
};

struct evidence {
	struct loader *ld;
	const struct specimen *specimen;
	const struct dso *libc;
	struct structure part[PARTS]; /* that of cpu_features: at = 0 until it is found */
	struct expectation field[GLIBC_NFIELDS];
	/* The same of each link map: values only. */
	struct expectation map[SPECIMEN_MAPS][GLIBC_NFIELDS];
	unsigned char processor[20]; /* what cpu_features begins with */
};

/* Looks at all that there is.  -1: something without which nothing can be learnt is lacking (reported). */
int evidence_collect(struct evidence *e, const struct dso *libc);

/* Whether something is known of the field. */
bool evidence_has(const struct evidence *e, size_t field);
/* Whether the field can be at this offset of its structure. */
bool evidence_allows(const struct evidence *e, size_t field, size_t offset);

/* patterns.c: whether there is a pattern for the field, and whether it is at this offset. */
bool evidence_has_pattern(size_t field);
bool evidence_fits_pattern(const struct evidence *e, size_t field, size_t offset);

/* The entry of an object's dynamic section, at *where in the process; false: there is none. */
bool evidence_find_dynamic(const struct evidence *e, const struct specimen_map *m, intptr_t tag,
	uintptr_t *where, uintptr_t *value);

/* What tells of it, for messages. */
const char *evidence_name(const struct evidence *e, size_t field);

/* Where an entry of the dynamic section is that each object has in its array l_info, which begins at the
 * offset `info` of its link map.  GLIBC_NONE: not to be seen. */
uint16_t evidence_info_index(const struct evidence *e, size_t info, intptr_t tag);

/* What the code of libc.so.6 and of ld-linux tells (accesses.c): of the two fields that have no value.
 * Called once. */
void evidence_read_code(struct evidence *e);
/* Calls f with the offset of each access of libc.so.6 to _rtld_global_ro or _rtld_global, and with how many
 * there are; f returns false to end it.  The result is that of the last call. */
bool evidence_each_access(const struct evidence *e, enum part part,
	bool (*f)(void *data, int32_t offset), void *data);

/* The part that a field belongs to, and whether its row is an offset in that part in bytes. */
enum part evidence_part(size_t field);
bool evidence_is_offset(size_t field);

#endif
