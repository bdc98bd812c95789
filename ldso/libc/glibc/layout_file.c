/* layout_file.c: reads and finds the layouts of builds that were learnt; see layout_file.h. */
#include "libc/glibc/layout_file.h"

#include "base/mem.h"
#include "libc/glibc/glibc.h"
#include "search/search.h"
#include "search/trace.h"

#define MAGIC         "myld-layout 1 "
#define SIZE_LIMIT    16384
#define PTHREAD_LIMIT 8192
#define MAP_LIMIT     4096
#define OLDEST        34 /* fields that all layouts from 2.34 on have can't be absent */

static uint16_t get(const struct glibc_layout *l, size_t field)
{
	uint16_t value;

	memcpy(&value, (const char *)l + field * sizeof value, sizeof value);
	return value;
}

static void set(struct glibc_layout *l, size_t field, uint16_t value)
{
	memcpy((char *)l + field * sizeof value, &value, sizeof value);
}

/* ---- Words ---- */

struct layout_reader {
	const char *p, *end;
	struct layout_fault *fault;
};

static bool __attribute__((format(printf, 2, 3)))
wrong(struct layout_fault *fault, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format_args(fault->text, sizeof fault->text, fmt, args);
	va_end(args);
	return false;
}

/* Copies the characters up to `stop`, which is skipped; false if there are none or they don't fit. */
static bool take(struct layout_reader *c, char stop, char *to, size_t room)
{
	size_t n = 0;

	while (c->p + n < c->end && c->p[n] != stop && c->p[n] > ' ' && c->p[n] <= '~' &&
		n + 1 < room) {
		to[n] = c->p[n];
		n++;
	}
	to[n] = 0;
	if (!n || c->p + n == c->end || c->p[n] != stop)
		return false;
	c->p += n + 1;
	return true;
}

/* A number below GLIBC_NONE, or "-" for that. */
static bool parse_value(const char *word, uint16_t *value)
{
	unsigned n = 0;

	*value = GLIBC_NONE;
	if (!strcmp(word, "-"))
		return true;
	if (!*word || (*word == '0' && word[1]))
		return false;
	for (; *word; word++) {
		if (*word < '0' || *word > '9')
			return false;
		n = n * 10 + (unsigned)(*word - '0');
		if (n >= GLIBC_NONE)
			return false;
	}
	*value = (uint16_t)n;
	return true;
}

static bool parse_head(struct layout_reader *c, struct layout_file *f)
{
	size_t n = strlen(MAGIC);

	c->fault->line = 1;
	if ((size_t)(c->end - c->p) < n || memcmp(c->p, MAGIC, n))
		return wrong(c->fault, "not a layout file of version 1");
	c->p += n;
	if (!take(c, ' ', f->machine, sizeof f->machine) ||
		!take(c, ' ', f->build_id, sizeof f->build_id) ||
		!take(c, ' ', f->version, sizeof f->version) ||
		!take(c, '\n', f->near, sizeof f->near))
		return wrong(c->fault, "expected machine, build-id, version and layout");
	if (strcmp(f->machine, ARCH_NAME))
		return wrong(c->fault, "of machine %s, not %s", f->machine, ARCH_NAME);
	return true;
}

static bool parse_field(struct layout_reader *c, size_t field, struct glibc_layout *l)
{
	const char *part, *name = glibc_field_name(field, &part);
	char expected[64], word[64], number[8];
	uint16_t value;

	c->fault->line++;
	format(expected, sizeof expected, "%s.%s", part, name);
	if (!take(c, ' ', word, sizeof word) || strcmp(word, expected))
		return wrong(c->fault, "expected %s", expected);
	if (!take(c, '\n', number, sizeof number) || !parse_value(number, &value))
		return wrong(c->fault, "%s: expected a number below %u or -", expected, GLIBC_NONE);
	set(l, field, value);
	return true;
}

/* ---- Sense ---- */

/* Whether each layout from 2.34 on has the field, which is no absent one then. */
static bool is_always_there(size_t field)
{
	const struct glibc_layout_row *row;
	struct glibc_layout l;

	for (size_t i = 0; (row = glibc_layout_at(i)); i++) {
		glibc_read_layout(i, &l);
		if (row->minor >= OLDEST && get(&l, field) == GLIBC_NONE)
			return false;
	}
	return true;
}

/* Whether a known layout has this value there. */
static bool is_known(size_t field, uint16_t value)
{
	struct glibc_layout l;

	for (size_t i = 0; glibc_layout_at(i); i++) {
		glibc_read_layout(i, &l);
		if (get(&l, field) == value)
			return true;
	}
	return false;
}

static bool is_row(size_t field, const char *part, const char *start)
{
	const char *of, *name = glibc_field_name(field, &of);

	return !strcmp(of, part) && !strncmp(name, start, strlen(start));
}

/* How far a row's value may go: for an offset the end of its structure.  Of rows that are none, those of
 * processor and rules are bounded by what is known instead. */
static size_t bound(const struct glibc_layout *l, size_t field)
{
	const char *part;

	glibc_field_name(field, &part);
	if (is_row(field, "map", "info_"))
		return l->map.size / sizeof(uintptr_t);
	if (is_row(field, "map", "contiguous_bit"))
		return (size_t)l->map.size * 8;
	return !strcmp(part, "ro")                              ? l->ro.size
	       : !strcmp(part, "global") || !strcmp(part, "ns") ? l->global.size
	       : !strcmp(part, "map")                           ? l->map.size
	       : !strcmp(part, "pthread")                       ? l->pthread.size
								: GLIBC_NONE;
}

/* The rules of a version that is newer than all that are known can be new as well. */
static bool is_sensible_rule(size_t field, uint16_t value)
{
	if (is_row(field, "rules", "cpu"))
		return value >= 200 + OLDEST && value < 300;
	if (is_row(field, "rules", "rseq_size"))
		return value == GLIBC_NONE || (value >= 20 && value <= 256);
	return is_known(field, value);
}

static bool check_field(const struct glibc_layout *l, size_t field, struct layout_fault *fault)
{
	const char *part, *name = glibc_field_name(field, &part);
	uint16_t value = get(l, field);

	fault->line = (unsigned)field + 2;
	if (value == GLIBC_NONE && is_always_there(field))
		return wrong(fault, "%s.%s: no glibc is without it", part, name);
	if (!strcmp(part, "rules"))
		return is_sensible_rule(field, value) ||
		       wrong(fault, "%s.%s: %u is no known rule", part, name, value);
	if (!strcmp(name, "size") || value == GLIBC_NONE || !strcmp(part, "cpu"))
		return true;
	/* A word at the offset has to be inside. */
	if (value + (is_row(field, "map", "info_") || is_row(field, "map", "contiguous_bit")
				    ? 0
				    : sizeof(uintptr_t)) >
		bound(l, field))
		return wrong(fault, "%s.%s: %u is outside of the structure", part, name, value);
	return true;
}

static bool check_sizes(const struct glibc_layout *l, struct layout_fault *fault)
{
	fault->line = 0;
	if (l->ro.size > GLIBC_GLOBAL_RO_ROOM || l->global.size > GLIBC_GLOBAL_ROOM ||
		l->map.size > MAP_LIMIT || l->pthread.size > PTHREAD_LIMIT)
		return wrong(fault, "a structure is larger than that of any glibc");
	return true;
}

/* The processor's structure is one that is known: that of the layout that this one was learnt from. */
static bool check_processor(const struct layout_file *f, struct layout_fault *fault)
{
	const struct glibc_layout_row *row;
	struct glibc_layout near;
	size_t i = 0, start = 0;

	while ((row = glibc_layout_at(i)) && strcmp(row->name, f->near))
		i++;
	fault->line = 1;
	if (!row)
		return wrong(fault, "no layout %s is known", f->near);
	glibc_read_layout(i, &near);
	for (size_t field = 0; field < GLIBC_NFIELDS; field++) {
		const char *part, *name = glibc_field_name(field, &part);

		fault->line = (unsigned)field + 2;
		if (!strcmp(part, "cpu") && get(&near, field) != get(&f->layout, field))
			return wrong(fault, "%s.%s: not as in %s", part, name, f->near);
		/* It ends inside of the structure that it is part of. */
		if (!strcmp(part, "ro") && !strcmp(name, "cpu_features"))
			start = get(&f->layout, field);
		if (!strcmp(part, "cpu") && !strcmp(name, "size") &&
			start + get(&f->layout, field) > f->layout.ro.size)
			return wrong(fault, "cpu_features is outside of _rtld_global_ro");
	}
	return true;
}

bool layout_file_parse(
	const char *text, size_t n, struct layout_file *f, struct layout_fault *fault)
{
	struct layout_reader c = {text, text + n, fault};

	if (!parse_head(&c, f))
		return false;
	for (size_t field = 0; field < GLIBC_NFIELDS; field++)
		if (!parse_field(&c, field, &f->layout))
			return false;
	fault->line++;
	if (c.p != c.end)
		return wrong(fault, "more than there are fields");
	if (!check_sizes(&f->layout, fault))
		return false;
	for (size_t field = 0; field < GLIBC_NFIELDS; field++)
		if (!check_field(&f->layout, field, fault))
			return false;
	return check_processor(f, fault);
}

size_t layout_file_format(const struct layout_file *f, char *buf, size_t room)
{
	struct sink s = sink_buffer(buf, room);

	sink_put(&s, MAGIC "%s %s %s %s\n", f->machine, f->build_id, f->version, f->near);
	for (size_t field = 0; field < GLIBC_NFIELDS; field++) {
		const char *part, *name = glibc_field_name(field, &part);
		uint16_t value = get(&f->layout, field);

		if (value == GLIBC_NONE)
			sink_put(&s, "%s.%s -\n", part, name);
		else
			sink_put(&s, "%s.%s %u\n", part, name, value);
	}
	return sink_end(&s, room);
}

/* ---- Files ---- */

/* The name of the user's configuration directory; false: there is none that is absolute. */
static bool own_directory(const struct config *c, char *path, size_t room)
{
	const char *config = config_getenv(c, "XDG_CONFIG_HOME");
	const char *home = config_getenv(c, "HOME");

	if (c->secure)
		return false;
	if (config && config[0] == '/')
		return format(path, room, "%s/" LAYOUT_FILE_OWN, config) < room;
	return home && home[0] == '/' &&
	       format(path, room, "%s/.config/" LAYOUT_FILE_OWN, home) < room;
}

/* Nobody but root and the user may have written it. */
static bool is_trusted(const struct config *c, const struct file_info *info)
{
	return (info->mode & FILE_TYPE) == FILE_REGULAR && !(info->mode & 022) &&
	       (info->uid == 0 || (!c->secure && info->uid == c->euid));
}

static bool read_open(struct loader *ld, int fd, const struct file_info *info,
	struct layout_file *f, struct layout_fault *fault)
{
	char *text = arena_alloc(&ld->scratch, SIZE_LIMIT);
	long n;

	fault->line = 0;
	if (!is_trusted(&ld->config, info))
		return wrong(fault, "not used: others may have written it");
	if (!text)
		return wrong(fault, "no memory to read it");
	n = sys_pread(fd, text, SIZE_LIMIT, 0);
	if (n < 0)
		return wrong(fault, "%s", errno_text(n));
	return layout_file_parse(text, (size_t)n, f, fault);
}

/* "PATH:LINE: TEXT". */
static const char *describe(struct loader *ld, const char *path, const struct layout_fault *fault)
{
	size_t room = strlen(path) + sizeof fault->text + 16;
	char *text = arena_alloc(&ld->scratch, room);

	if (!text)
		return fault->text;
	if (fault->line)
		format(text, room, "%s:%u: %s", path, fault->line, fault->text);
	else
		format(text, room, "%s: %s", path, fault->text);
	return text;
}

/* As layout_file_find(), of one name. */
static int read_path(struct loader *ld, const char *path, const char *build_id,
	struct layout_file *f, const char **why)
{
	struct layout_fault fault = {0};
	struct file_info info;
	int fd = sys_open(path);
	bool good;
	long e = fd;

	if (fd >= 0)
		e = sys_fstat_by(ld->fstat_call, fd, &info);
	trace_path(ld, path, e < 0 ? NULL : &info);
	if (fd == -SYS_ENOENT || fd == -SYS_ENOTDIR || fd == -SYS_EACCES)
		return 0;
	good = e < 0 ? wrong(&fault, "%s", errno_text(e)) : read_open(ld, fd, &info, f, &fault);
	if (fd >= 0)
		sys_close(fd);
	if (good && strcmp(f->build_id, build_id)) {
		fault.line = 1;
		good = wrong(&fault, "of build-id %s", f->build_id);
	}
	if (!good)
		*why = describe(ld, path, &fault);
	return good ? 1 : -1;
}

int layout_file_find(
	struct loader *ld, const char *build_id, struct layout_file *f, const char **why)
{
	char *path = arena_alloc(&ld->scratch, PATH_LIMIT);
	size_t n;
	int r;

	if (!build_id[0] || !path)
		return 0;
	format(path, PATH_LIMIT, "%s/%s", LAYOUT_FILE_SYSTEM, build_id);
	r = read_path(ld, path, build_id, f, why);
	if (r || !own_directory(&ld->config, path, PATH_LIMIT))
		return r;
	n = strlen(path);
	if (n + strlen(build_id) + 2 > PATH_LIMIT)
		return 0;
	format(path + n, PATH_LIMIT - n, "/%s", build_id);
	return read_path(ld, path, build_id, f, why);
}

/* Makes the directories of an absolute path, as far as they are missing. */
static void make_directories(char *path)
{
	for (char *p = path + 1; *p; p++)
		if (*p == '/') {
			*p = 0;
			sys_mkdir(path, 0755);
			*p = '/';
		}
	sys_mkdir(path, 0755);
}

/* Writes a file of a directory, which appears with all its contents. */
static long put_file(const char *directory, const char *name, const char *text, size_t n)
{
	char new[40];
	int dir = sys_open_path(directory), fd;
	long e;

	if (dir < 0)
		return dir;
	format(new, sizeof new, ".layout.%ld", sys_getpid());
	fd = sys_create_in(dir, new);
	e = fd < 0 ? fd : sys_put(fd, text, n, 0);
	if (e >= 0)
		e = sys_fchmod(fd, 0644);
	if (e >= 0)
		e = sys_rename_in(dir, new, name);
	if (fd >= 0 && e < 0)
		sys_unlink_in(dir, new);
	if (fd >= 0)
		sys_close(fd);
	sys_close(dir);
	return e;
}

int layout_file_write(struct loader *ld, const struct layout_file *f, const char **path)
{
	char *text = arena_alloc(&ld->scratch, SIZE_LIMIT),
	     *where = arena_alloc(&ld->scratch, PATH_LIMIT);
	char *slash;
	size_t n;
	long e;

	if (!text || !where)
		return fail(ld, "no memory for the layout file");
	if (*path) {
		format(where, PATH_LIMIT, "%s%s", strchr(*path, '/') ? "" : "./", *path);
	} else {
		if (ld->config.euid == 0)
			format(where, PATH_LIMIT, "%s", LAYOUT_FILE_SYSTEM);
		else if (!own_directory(&ld->config, where, PATH_LIMIT))
			return fail(ld, "neither XDG_CONFIG_HOME nor HOME names a directory: -o "
					"FILE is needed");
		make_directories(where);
		n = strlen(where);
		format(where + n, PATH_LIMIT - n, "/%s", f->build_id);
	}
	n = layout_file_format(f, text, SIZE_LIMIT);
	slash = strrchr(where, '/');
	*slash = 0;
	e = put_file(*where ? where : "/", slash + 1, text, n);
	*slash = '/';
	*path = where;
	return e < 0 ? fail(ld, "%s: cannot be written: %s", where, errno_text(e)) : 0;
}
