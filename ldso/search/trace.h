/* trace.h: the files and directories that a start has examined, for cache/record.h.
 *
 * These functions do nothing unless ld->trace is set.
 */
#ifndef TRACE_H
#define TRACE_H

#include "base/sys.h"
#include "state/loader.h"

struct traced_path {
	struct traced_path *next;
	bool absent;
	struct file_info info; /* unless absent */
	char path[];
};

struct search_trace {
	struct arena *arena;
	struct traced_path *first, *last;
	const char *platform;     /* what $PLATFORM stood for; NULL: not used */
	const char *unrecordable; /* why no plan can describe this start; NULL: one can */
};

/* Records that a path was examined and is this file or directory; info NULL: it does not exist. */
void trace_path(struct loader *ld, const char *path, const struct file_info *info);

/* Records what $PLATFORM stood for. */
void trace_platform(struct loader *ld, const char *value);

/* Records why no plan can describe this start, unless a reason is recorded; with a path the reason
 * is "PATH: why". */
void trace_unrecordable(struct loader *ld, const char *why);
void trace_unrecordable_file(struct loader *ld, const char *path, const char *why);

#endif
