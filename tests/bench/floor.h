/* floor.h: what a program's start must at least do, as tables that floors.py writes. */
#ifndef FLOOR_H
#define FLOOR_H

enum floor_kind { FLOOR_TEXT, FLOOR_DATA, FLOOR_ZEROS };

/* One mmap; the first of an object covers all of its span. */
struct floor_map {
	enum floor_kind kind;
	int prot;
	unsigned long at, len, offset; /* from the object's first byte; in the file */
	unsigned long kept;            /* FLOOR_DATA: offset in the snapshot */
};

/* Pages that have relocations. */
struct floor_run {
	unsigned long at, pages;
};

struct floor_object {
	const char *path;
	const struct floor_map *maps;
	const struct floor_run *runs;
	unsigned nmaps, nruns;
};

/* The first is the program. */
extern const struct floor_object floor_objects[];
extern const unsigned floor_count;
extern const char floor_snapshot[];
extern const unsigned long floor_page;

#endif
