/* file.c: opens one path of a search, and checks that this machine can load it. */
#include "search/walk.h"
#include "base/mem.h"
#include "search/trace.h"
#include "state/words.h"

LAST_IN_BSS char search_buffer[PATH_LIMIT];

const char *search_reasons(const struct search *s)
{
	return s->skipped ? s->skipped : "";
}

__attribute__((format(printf, 2, 3))) void search_skip(struct search *s, const char *fmt, ...)
{
	size_t old = strlen(search_reasons(s)), n;
	va_list args;
	char *text;

	va_start(args, fmt);
	n = format_args(NULL, 0, fmt, args);
	text = arena_alloc(&s->ld->scratch, old + sizeof "; skipped " + n);
	if (text) {
		memcpy(text, search_reasons(s), old);
		old += format(text + old, sizeof "; skipped ", "; skipped ");
		format_args(text + old, n + 1, fmt, args);
		s->skipped = text;
	}
	va_end(args);
}

bool search_is_absence(int error)
{
	return error == -SYS_ENOENT || error == -SYS_ENOTDIR;
}

bool search_is_shortage(int error)
{
	return error == -SYS_EMFILE || error == -SYS_ENFILE || error == -SYS_ENOMEM ||
	       error == -SYS_EIO;
}

void search_stop_at_shortage(struct search *s, long error)
{
	if (!search_is_shortage((int)error))
		return;
	s->stop = true;
	s->error = error;
}

int search_open_file(struct search *s)
{
	s->found->head_size = 0;
	int r = s->fd = sys_open(s->file ? s->file : s->path);

	if (search_is_absence(r))
		trace_path(s->ld, s->path, NULL);
	else if (r < 0)
		trace_unrecordable_file(s->ld, s->path, errno_text(r));
	if (r < 0)
		return r;
	r = sys_fstat_by(s->ld->fstat_call, s->fd, &s->info);
	if (r == 0)
		trace_path(s->ld, s->path, &s->info);
	if (r == 0 && (s->info.mode & FILE_TYPE) == FILE_REGULAR)
		return 0;
	sys_close(s->fd);
	return r < 0 ? r : 1;
}

const char *search_error_text(int error)
{
	return error > 0 ? "not a regular file" : errno_text(error);
}

int search_fail_unfit(struct loader *ld, const char *path, const struct unfit *why)
{
	char more[sizeof why->facts + 2];

	if (why->words)
		return fail_unfit(ld, path, path, why->words, "%s", why->facts);
	format(more, sizeof more, "; %s", why->facts);
	return fail_to_open(ld, path, NO_SUCH_FILE, NULL, more);
}

void search_fail_irregular(struct search *s)
{
	bool directory = (s->info.mode & FILE_TYPE) == FILE_DIRECTORY;

	s->stop = s->reported = true;
	fail_unfit(s->ld, s->path, s->path,
		directory ? "cannot read file data: Is a directory" : "file too short",
		"not a regular file");
}

bool search_fits_machine(struct search *s)
{
	struct found *f = s->found;
	long n = sys_read(s->fd, f->head, sizeof f->head);
	struct unfit why;

	if (n < 0) {
		search_stop_at_shortage(s, n);
		search_skip(s, "%s: %s", s->path, errno_text(n));
		return false;
	}
	if (fit_check(f->head, (size_t)n, &why)) {
		f->head_size = (size_t)n;
		return true;
	}
	if (s->for_library && !why.foreign) {
		s->stop = s->reported = true;
		search_fail_unfit(s->ld, s->path, &why);
		return false;
	}
	if (why.foreign && why.words)
		s->other_class = why.words;
	search_skip(s, "%s: %s%s%s", s->path, why.words ? why.words : "", why.words ? ": " : "",
		why.facts);
	return false;
}

bool search_fits_executable(struct search *s)
{
	if (s->info.mode & 0111)
		return true;
	search_skip(s, "%s: not executable (mode %x%x%x)", s->path, s->info.mode >> 6 & 7,
		s->info.mode >> 3 & 7, s->info.mode & 7);
	return false;
}

char *search_read_text(struct search *s, bool *absent)
{
	int r = search_open_file(s);
	char *text = NULL;
	long n = 0;

	*absent = search_is_absence(r);
	if (*absent)
		return NULL;
	if (r == 0) {
		n = s->info.size < FILE_LIMIT ? (long)s->info.size : FILE_LIMIT;
		text = heap_alloc(&s->ld->heap, (size_t)n + 1, 0, 0);
		n = text ? sys_pread(s->fd, text, (size_t)n, 0) : -SYS_ENOMEM;
		sys_close(s->fd);
		r = n < 0 ? (int)n : 0;
	}
	s->fd = -1;
	if (r == 0)
		return text;
	heap_free(&s->ld->heap, text);
	search_stop_at_shortage(s, r);
	search_skip(s, "%s: %s", s->path, search_error_text(r));
	return NULL;
}

int search_hand_over(struct search *s, struct arena *arena, struct found *found)
{
	found->fd = s->fd;
	found->info = s->info;
	found->place = NULL;
	found->path = arena_strdup(arena, s->path);
	if (found->path)
		return 0;
	sys_close(s->fd);
	return fail(s->ld, "%s: no memory for its path", s->path);
}

enum search_result search_hand_over_if_found(
	struct search *s, struct arena *arena, struct found *found)
{
	if (s->fd >= 0)
		return search_hand_over(s, arena, found) < 0 ? SEARCH_FAILED : SEARCH_FOUND;
	if (!s->stop)
		return SEARCH_ABSENT;
	fail(s->ld, "%s: search aborted%s", s->name, search_reasons(s));
	return SEARCH_FAILED;
}

enum search_result search_open(
	struct loader *ld, const char *path, struct arena *arena, struct found *found)
{
	struct search s = {.ld = ld, .name = path, .fd = -1, .path = search_buffer, .found = found};

	if (format(search_buffer, PATH_LIMIT, "%s", path) < PATH_LIMIT)
		search_try_path(&s, &(struct search_list){.fits = search_fits_machine});
	return search_hand_over_if_found(&s, arena, found);
}
