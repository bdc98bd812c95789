/* harness.h: a loader whose only file is the fuzzer's input, and what must hold of it.
 *
 * Each target is one file with a function fuzz(), and says by `regions` which bytes of an ELF file
 * its mutator changes (mutator.c).  A failure is an abort() or what a sanitizer sees.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include "load/load.h"
#include "object/dynamic.h"
#include "load/map.h"
#include "reloc/reloc.h"
#include "tls/tls.h"
#include "state/libc.h"

/* Parts of a file, to be combined. */
enum region {
	REGION_HEADERS = 1,
	REGION_DYNAMIC = 2,
	REGION_HASH = 4, /* hash tables, symbols, strings */
	REGION_VERSIONS = 8,
	REGION_RELOCATIONS = 16, /* and symbols, TLS's header */
	REGION_ALL = 31,
};

/* The target's. */
extern const unsigned regions;
void fuzz(struct loader *ld);

/* Begins and ends one start of the loader. */
struct loader *harness_begin(void);
void harness_end(struct loader *ld);

/* In the place of reloc_ifuncs(): nothing that is fuzzed runs code of the input. */
void harness_ifuncs(struct reloc_work *work);

/* The input's bytes with a 0 behind them, in a block of just this size, to be freed; *n without the 0. */
char *harness_text(size_t *n);

/* The input, mapped (and decoded); NULL when it is refused, which takes a reason. */
struct dso *harness_map(struct loader *ld);
struct dso *harness_decode(struct loader *ld);

/* Aborts unless the condition holds. */
#define expect(what) harness_expect(what, #what)
void harness_expect(bool holds, const char *what);

/* Reads what the program headers promise to be readable, at least its ends. */
void harness_touch_segments(const struct dso *d);
void harness_touch(const void *at, size_t n);
void harness_touch_string(const char *s);
/* Asks for every name in d, and some others. */
void harness_look_up(struct loader *ld, struct dso *d, struct dso *in);

#define INPUT "/in/input.so"

#endif
