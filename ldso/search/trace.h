/* trace.h: which files and directories a start has looked at, for record.h.
 *
 * Notes are taken only while ld->trace is there; these calls do nothing without.
 */
#ifndef TRACE_H
#define TRACE_H

#include "base/sys.h"
#include "state/loader.h"

struct traced_path {
	struct traced_path *next;
	bool absent;
	struct file_info info; /* unless it is */
	char path[];
};

struct search_trace {
	struct arena *arena;
	struct traced_path *first, *last;
	const char *platform;     /* what $PLATFORM stood for; NULL: nobody has asked */
	const char *unrecordable; /* why no plan can tell of this start; NULL: one can */
};

/* The search has looked at a path: it is this file or directory, or nothing (NULL). */
void trace_path(struct loader *ld, const char *path, const struct file_info *info);

/* $PLATFORM stood for this. */
void trace_platform(struct loader *ld, const char *value);

/* Something that no plan can tell of; the first reason stays.  The other one's is "PATH: why". */
void trace_unrecordable(struct loader *ld, const char *why);
void trace_unrecordable_file(struct loader *ld, const char *path, const char *why);

#endif
