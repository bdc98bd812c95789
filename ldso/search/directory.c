/* directory.c: the directories of a list, one after the other; see walk.h.
 *
 * Whether a file exists is found out by opening it; a directory is examined only to avoid further
 * attempts in it.
 */
#include "search/walk.h"
#include "base/list.h"
#include "base/mem.h"
#include "search/expand.h"
#include "search/hwcaps.h"
#include "search/trace.h"

/* A directory that was searched, of a libc with glibc-hwcaps. */
struct directory {
	struct directory *next;
	bool tried;       /* whether `absent` is known */
	bool absent;      /* it did not exist when the program started */
	uint32_t subdirs; /* bit i: glibc-hwcaps/NAME exists, NAME being hwcaps->list[i] */
	char path[];
};

struct places *search_places(struct search *s)
{
	struct loader *ld = s->ld;

	if (!ld->places)
		ld->places = heap_alloc(&ld->heap, sizeof *ld->places, 0, 0);
	if (!ld->places) {
		search_stop_at_shortage(s, -SYS_ENOMEM);
		search_skip(s, "all: %s", errno_text(-SYS_ENOMEM));
	}
	return ld->places;
}

static bool is_directory(struct search *s)
{
	struct file_info info;
	int r = sys_stat(s->path, &info);

	if (r == 0 || search_is_absence(r))
		trace_path(s->ld, s->path, r == 0 ? &info : NULL);
	else
		trace_unrecordable_file(s->ld, s->path, errno_text(r));
	return r == 0 && (info.mode & FILE_TYPE) == FILE_DIRECTORY;
}

/* Appends n bytes to s->path, of which *len are used; false: too long. */
static bool append(struct search *s, size_t *len, const char *text, size_t n)
{
	if (n >= PATH_LIMIT - *len)
		return false;
	memcpy(s->path + *len, text, n);
	*len += n;
	s->path[*len] = 0;
	return true;
}

static bool append_subdir(struct search *s, size_t *len, const struct hwcap *cap)
{
	return append(s, len, "/glibc-hwcaps/", 14) && append(s, len, cap->name, cap->len);
}

/* The set of subdirectories of glibc-hwcaps in the directory s->path (len bytes).  Nearly all have
 * none, which takes one stat rather than one for each name. */
static uint32_t find_subdirs(struct search *s, size_t len)
{
	const struct hwcaps *h;
	uint32_t found = 0;
	size_t n = len;

	if (append(s, &n, "/glibc-hwcaps", 13) && is_directory(s)) {
		h = hwcaps_of(s->ld);
		for (unsigned i = 0; h && i < h->count; i++) {
			n = len;
			if (h->list[i].searched && append_subdir(s, &n, &h->list[i]) &&
				is_directory(s))
				found |= (uint32_t)1 << i;
		}
	}
	s->path[len] = 0;
	return found;
}

/* The record of the directory s->path (len bytes), made at its first use; NULL: no memory. */
static struct directory *known_directory(struct search *s, size_t len)
{
	struct places *p = search_places(s);
	struct directory *d;

	if (!p)
		return NULL;
	for (d = p->directories; d; d = d->next)
		if (!strcmp(d->path, s->path))
			return d;
	d = heap_alloc(&s->ld->heap, sizeof *d + len + 1, 0, 0);
	if (d) {
		memcpy(d->path, s->path, len + 1);
		d->subdirs = find_subdirs(s, len);
		d->next = p->directories;
		p->directories = d;
	}
	return d;
}

/* Finds out, after a file was absent, whether the directory is.  As in glibc, a directory that is
 * absent is not searched again during start-up. */
static void note_absence(struct search *s, struct directory *d, size_t len)
{
	if (!d || d->tried || loader_is_running(s->ld))
		return;
	d->tried = true;
	s->path[len] = 0;
	d->absent = !is_directory(s);
}

/* Whether only root can write to the directory s->path, as secure mode requires.  The files' own
 * permissions do not matter, since a writer of the directory can replace them. */
static bool is_trusted(struct search *s)
{
	struct file_info info;
	int r;

	if (s->path[0] != '/') {
		search_skip(s, "%s: not an absolute path, in secure mode", s->path);
		return false;
	}
	r = sys_stat(s->path, &info);
	if (r == 0 && (info.uid || (info.mode & 0002)))
		search_skip(s, "%s: in secure mode, but writable by others than root", s->path);
	else if (r < 0 && !search_is_absence(r))
		search_skip(s, "%s: %s", s->path, errno_text(r));
	return r == 0 && !info.uid && !(info.mode & 0002);
}

/* Opens s->path, or the file that auditors name in its place: as with ld.so, the library keeps the name
 * under which it was looked for. */
static int open_audited(struct search *s, enum audit_stage stage)
{
	int r;

	s->file = s->ld->auditing->search(s->ld, s->path, s->by, stage);
	if (!s->file)
		return s->fd = -SYS_ENOENT;
	r = search_open_file(s);
	s->file = NULL;
	return r;
}

int search_try_path(struct search *s, const struct search_list *l)
{
	int r;

	debug(s->ld, DEBUG_LIBS, "  trying file=%s", s->path);
	r = s->ld->auditing && l->stage ? open_audited(s, l->stage) : search_open_file(s);
	if (r == 0 && l->fits(s))
		return 0;
	if (r == 0)
		sys_close(s->fd);
	else if (r > 0 && s->for_library)
		search_fail_irregular(s);
	else if (!search_is_absence(r))
		search_skip(s, "%s: %s", s->path, search_error_text(r));
	search_stop_at_shortage(s, r);
	s->fd = -1;
	return r;
}

/* Tries the file s->name in the directory s->path (len bytes), or in its subdirectory `cap`.
 * Returns what search_try_path() did; 0: the path is too long. */
static int try_name(
	struct search *s, const struct search_list *l, size_t len, const struct hwcap *cap)
{
	size_t n = len;

	if ((!cap || append_subdir(s, &n, cap)) && append(s, &n, "/", 1) &&
		append(s, &n, s->name, strlen(s->name)))
		return search_try_path(s, l);
	s->path[len < 80 ? len : 79] = 0;
	search_skip(s, "%s%s: longer than 4095 bytes", s->path, len < 80 ? "" : "...");
	return 0;
}

/* Searches the directory s->path and its subdirectories of glibc-hwcaps. */
static void search_directory(struct search *s, const struct search_list *l)
{
	size_t len = strlen(s->path);
	struct directory *d = NULL;

	if (len && s->path[len - 1] == '/')
		s->path[--len] = 0;
	if (l->hwcaps)
		d = known_directory(s, len);
	if (s->stop || (d && d->absent && !loader_is_running(s->ld)))
		return;
	for (unsigned i = 0; d && d->subdirs >> i; i++) {
		if (d->subdirs >> i & 1)
			try_name(s, l, len, &s->ld->hwcaps->list[i]);
		if (s->fd >= 0 || s->stop)
			return;
	}
	if (search_is_absence(try_name(s, l, len, NULL)))
		note_absence(s, d, len);
}

/* Searches the directory that an element of a list (n bytes) names. */
static void expand_and_search(
	struct search *s, const struct search_list *l, const char *dir, size_t n)
{
	const char *why = NULL;

	if (!n && !l->empty_is_cwd)
		return;
	if (!n)
		dir = ".", n = 1;
	if (l->owner)
		why = expand(s->ld, dir, n, l->owner, s->path);
	else if (n >= PATH_LIMIT)
		why = "longer than 4095 bytes";
	else
		format(s->path, n + 1, "%s", dir);
	if (why) {
		format(s->path, n < 80 ? n + 1 : 80, "%s", dir);
		search_skip(s, "%s%s: %s", s->path, n < 80 ? "" : "...", why);
	} else if (!s->ld->config.secure || is_trusted(s)) {
		n = strlen(s->path);
		while (n > 1 && s->path[n - 1] == '/')
			s->path[--n] = 0;
		if (s->visit)
			s->visit(s->arg, s->path);
		else
			search_directory(s, l);
	}
}

bool search_walk(struct search *s, const struct search_list *l)
{
	const char *rest = l->text;
	size_t n;

	if (!s->visit)
		debug(s->ld, DEBUG_LIBS, " search path=%s\t\t(%s%s%s)", rest, l->from,
			l->file ? " from file " : "", l->file ? l->file : "");
	for (const char *dir; (dir = list_next(&rest, l->separators, &n));) {
		expand_and_search(s, l, dir, n);
		if (s->fd >= 0 || s->stop)
			return true;
	}
	return false;
}

enum search_result search_list(struct loader *ld, const char *name, const char *list,
	struct arena *arena, struct found *found)
{
	struct search s = {.ld = ld, .name = name, .fd = -1, .path = search_buffer, .found = found};

	search_walk(&s, &(struct search_list){.text = list,
				.separators = ":\n",
				.from = "libc",
				.fits = search_fits_machine});
	return search_hand_over_if_found(&s, arena, found);
}
