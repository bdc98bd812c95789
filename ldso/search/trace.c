/* trace.c: the files and directories that a start has examined; see trace.h. */
#include "search/trace.h"
#include "base/mem.h"

void trace_unrecordable(struct loader *ld, const char *why)
{
	if (ld->trace && !ld->trace->unrecordable)
		ld->trace->unrecordable = why;
}

void trace_platform(struct loader *ld, const char *value)
{
	if (ld->trace)
		ld->trace->platform = value;
}

void trace_unrecordable_file(struct loader *ld, const char *path, const char *why)
{
	char text[4200];

	if (!ld->trace || ld->trace->unrecordable)
		return;
	format(text, sizeof text, "%s: %s", path, why);
	path = arena_strdup(&ld->scratch, text);
	trace_unrecordable(ld, path ? path : why);
}

void trace_path(struct loader *ld, const char *path, const struct file_info *info)
{
	struct search_trace *trace = ld->trace;
	struct traced_path *n;

	if (!trace)
		return;
	if (path[0] != '/')
		trace_unrecordable_file(ld, path, "a search in a relative directory");
	n = arena_alloc(trace->arena, sizeof *n + strlen(path) + 1);
	if (!n) {
		trace_unrecordable(ld, "no memory for the search trace");
		return;
	}
	memcpy(n->path, path, strlen(path) + 1);
	n->absent = !info;
	if (info)
		n->info = *info;
	*(trace->last ? &trace->last->next : &trace->first) = n;
	trace->last = n;
}
