/* notes.c: see notes.h. */
#include "search/trace.h"
#include "base/mem.h"

void notes_unfit(struct loader *ld, const char *why)
{
	if (ld->notes && !ld->notes->unfit)
		ld->notes->unfit = why;
}

void notes_platform(struct loader *ld, const char *value)
{
	if (ld->notes)
		ld->notes->platform = value;
}

void notes_unfit_file(struct loader *ld, const char *path, const char *why)
{
	char text[4200];

	if (!ld->notes || ld->notes->unfit)
		return;
	format(text, sizeof text, "%s: %s", path, why);
	path = arena_strdup(&ld->scratch, text);
	notes_unfit(ld, path ? path : why);
}

void notes_path(struct loader *ld, const char *path, const struct file_info *info)
{
	struct notes *notes = ld->notes;
	struct noted *n;

	if (!notes)
		return;
	if (path[0] != '/')
		notes_unfit_file(ld, path, "a search in a relative directory");
	n = arena_alloc(notes->arena, sizeof *n + strlen(path) + 1);
	if (!n) {
		notes_unfit(ld, "no memory for notes");
		return;
	}
	memcpy(n->path, path, strlen(path) + 1);
	n->absent = !info;
	if (info)
		n->info = *info;
	*(notes->last ? &notes->last->next : &notes->first) = n;
	notes->last = n;
}
