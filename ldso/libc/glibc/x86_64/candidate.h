/* candidate.h: a known layout, corrected by evidence. */
#ifndef GLIBC_CANDIDATE_H
#define GLIBC_CANDIDATE_H

#include "libc/glibc/x86_64/evidence.h"

/* What a field of the result rests on. */
enum ground {
	GROUND_NONE,       /* it has none: the result is refused */
	GROUND_WITNESS,    /* a witness of its own, which allows no other place */
	GROUND_NEIGHBOURS, /* both neighbours moved alike */
	GROUND_VERSION, /* rules: the layouts of its version, or of the next ones, say the same */
	GROUND_NEWEST,  /* rules: the newest layout says so */
};

struct candidate {
	size_t layout; /* number of the known layout */
	struct glibc_layout known, result;
	uint8_t ground[GLIBC_NFIELDS]; /* enum ground */
	unsigned moves;                /* places where the fields behind moved */
	unsigned problems;             /* 0: the result is accepted */
	struct sink text;              /* the problems, for a message */
	char room[1024];
};

/* Corrects the known layout with this number for build b, whose layout it sets. */
void candidate_correct(
	struct candidate *c, size_t layout, struct evidence *e, struct glibc_build *b);

static inline uint16_t candidate_value(const struct glibc_layout *l, size_t field)
{
	uint16_t value;

	__builtin_memcpy(&value, (const char *)l + field * sizeof value, sizeof value);
	return value;
}

#endif
