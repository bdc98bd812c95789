/* preload.c: the libraries to preload, by LD_PRELOAD and the libc's file. */
#include "search/walk.h"
#include "base/list.h"
#include "base/mem.h"
#include "search/trace.h"
#include "state/libc.h"

/* ld.so(8): in secure mode only a library with the set-user-ID bit may be preloaded, by which its
 * owner marks it as safe. */
static bool may_be_preloaded(struct search *s)
{
	return s->info.mode & 04000 && search_fits_machine(s);
}

/* Appends the path of s->name in the default directories to the list, if it may be preloaded;
 * returns the list, in the scratch arena. */
static char *add_trusted(struct search *s, const char *what, char *list)
{
	size_t old = list ? strlen(list) + 1 : 0, n;
	struct search_list l = {.text = search_paths(s->ld)->directories,
		.separators = ":",
		.from = what,
		.fits = may_be_preloaded};
	char *longer;

	if (!search_walk(s, &l) || s->fd < 0)
		return list;
	sys_close(s->fd);
	n = strlen(s->path) + 1;
	longer = arena_alloc(&s->ld->scratch, old + n);
	if (!longer)
		return list;
	if (old) {
		memcpy(longer, list, old);
		longer[old - 1] = ':';
	}
	memcpy(longer + old, s->path, n);
	return longer;
}

const char *search_trusted(
	struct loader *ld, const char *rest, const char *separators, const char *what)
{
	char *list = NULL, name[256], buf[PATH_LIMIT];
	struct found found;
	size_t n;

	for (const char *word; (word = list_next(&rest, separators, &n));) {
		struct search s = {.ld = ld, .name = name, .fd = -1, .path = buf, .found = &found};

		if (!n || n >= sizeof name)
			continue;
		memcpy(name, word, n);
		name[n] = 0;
		if (!strchr(name, '/'))
			list = add_trusted(&s, what, list);
	}
	return list;
}

const char *search_preload(struct loader *ld)
{
	if (!ld->config.secure)
		return ld->config.preload;
	return search_trusted(
		ld, ld->config.secure_preload, ": ", "default directories, for LD_PRELOAD");
}

const char *search_preload_file(struct loader *ld)
{
	char buf[PATH_LIMIT], *text;
	struct found found;
	struct search s = {.ld = ld, .fd = -1, .path = buf, .found = &found};
	bool absent, comment = false;

	if (!ld->abi->preload_file)
		return NULL;
	format(buf, sizeof buf, "%s", ld->abi->preload_file);
	text = search_read_text(&s, &absent);
	if (!text && !absent) {
		trace_unrecordable(ld, "it prints a warning");
		print(2, "myld.so: %s is ignored%s\n", ld->abi->preload_file, search_reasons(&s));
	}
	for (char *p = text; p && *p; p++) {
		comment = *p == '#' || (comment && *p != '\n');
		if (comment || *p == '\n' || *p == '\t')
			*p = ' ';
	}
	return text;
}
