/* notes.h: which files and directories a start has looked at, for record.h.
 *
 * Notes are taken only while ld->notes is there; these calls do nothing without.
 */
#ifndef NOTES_H
#define NOTES_H

#include "state/loader.h"
#include "base/sys.h"

struct noted {
	struct noted *next;
	bool absent;
	struct file_info info; /* unless it is */
	char path[];
};

struct notes {
	struct arena *arena;
	struct noted *first, *last;
	const char *platform; /* what $PLATFORM stood for; NULL: nobody has asked */
	const char *unfit;    /* why no plan can tell of this start; NULL: one can */
};

/* The search has looked at a path: it is this file or directory, or nothing (NULL). */
void notes_path(struct loader *ld, const char *path, const struct file_info *info);

/* $PLATFORM stood for this. */
void notes_platform(struct loader *ld, const char *value);

/* Something that no plan can tell of; the first reason stays.  The other one's is "PATH: why". */
void notes_unfit(struct loader *ld, const char *why);
void notes_unfit_file(struct loader *ld, const char *path, const char *why);

#endif
