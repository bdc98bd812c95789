/* ldlinux.c: reads the file of an ld-linux: its segments, symbols and directories; see ldlinux.h. */
#include "libc/glibc/ldlinux.h"

#include "base/mem.h"
#include "base/path.h"
#include "load/headers.h"
#include "load/segment.h"
#include "object/dynamic.h"
#include "search/trace.h"
#include "state/libc.h"
#include "symbol/symbol.h"

/* Bytes of all segments that are read: a stripped one has 250,000, all of it resident. */
#define SPAN_LIMIT ((size_t)16 << 20)

/* ---- The segments ---- */

static int read_segments(struct loader *ld, struct dso *d, int fd)
{
	uintptr_t start, end;
	char *memory;

	segment_span(ld, d, &start, &end);
	if (end - start > SPAN_LIMIT)
		return fail(ld, "%s: its segments span 0x%zx bytes, expected at most 0x%zx",
			d->path, (size_t)(end - start), SPAN_LIMIT);
	memory = arena_alloc(&ld->scratch, end - start);
	if (!memory)
		return fail(ld, "%s: no memory to read it", d->path);
	d->base = (uintptr_t)memory - start;
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p)) {
		long n = sys_pread(fd, dso_at(d, p->p_vaddr), p->p_filesz, p->p_offset);

		if (n < 0 || (size_t)n < p->p_filesz)
			return fail(ld, "%s: cannot read its segments: %s", d->path,
				n < 0 ? errno_text(n) : "the file was truncated");
	}
	return 0;
}

/* Applies the RELATIVE relocations for address 0: a pointer in a table is then the address of what
 * it points to.  Those in DT_RELR are so already. */
static void relocate(const struct dso *d)
{
	const Elf_Rela *r = (const Elf_Rela *)d->rela.addr;

	for (size_t i = 0; i < d->rela.size / sizeof *r; i++)
		if (ELF_R_TYPE(r[i].r_info) == ARCH_R_RELATIVE &&
			dso_contains(d, r[i].r_offset, sizeof(uintptr_t), PF_W))
			memcpy(dso_at(d, r[i].r_offset), &r[i].r_addend, sizeof(uintptr_t));
}

static int read_file(struct loader *ld, struct dso *d, const struct found *found)
{
	struct image im = {.file = found, .name = found->path};

	if (headers_read(ld, &im) < 0)
		return -1;
	d->type = im.ehdr->e_type;
	d->phdr = im.phdr;
	d->phnum = im.ehdr->e_phnum;
	if (headers_check(ld, d, found->info.size) < 0 || read_segments(ld, d, found->fd) < 0)
		return -1;
	d->phdr = headers_mapped(ld, d, im.ehdr);
	if (!d->phdr)
		return fail(ld, "%s: no memory for its program headers", d->path);
	headers_decode(ld, d);
	if (dynamic_decode(ld, d) < 0)
		return -1;
	relocate(d);
	return 0;
}

/* Opens the file for one that is in the middle of a search, and records that the start depends on
 * it. */
static int open_file(struct loader *ld, const char *path, struct found *found)
{
	int e = found->fd = sys_open(path);

	found->path = arena_strdup(&ld->scratch, path);
	if (e >= 0) {
		e = found->path ? sys_fstat_by(ld->fstat_call, found->fd, &found->info)
				: -SYS_ENOMEM;
		if (e < 0)
			sys_close(found->fd);
	}
	trace_path(ld, path, e < 0 ? NULL : &found->info);
	return e < 0 ? fail(ld, "%s: %s", path, errno_text(e)) : 0;
}

static int open_one(struct loader *ld, struct ldlinux *f, const char *path)
{
	struct dso *d = &f->dso;
	struct found found = {.head_size = 0};
	int r;

	*f = (struct ldlinux){.before = f->before};
	d->state = &f->state;
	d->kind = DSO_LIBRARY;
	d->ns = &ld->base;
	d->map = &f->state.own_map;
	if (open_file(ld, path, &found) < 0)
		return -1;
	d->path = d->name = found.path;
	r = read_file(ld, d, &found);
	sys_close(found.fd);
	return r;
}

static bool is_myld(struct loader *ld, struct ldlinux *f)
{
	struct wanted w = symbol_wanted(LDLINUX_MYLD, NULL);
	struct def def;

	w.newest = true;
	return symbol_in(ld, &f->dso, &w, &def);
}

/* The path of a file whose name is a prefix and `name`, in the folder that is the first n bytes of `path`; in
 * the scratch arena.  NULL: no memory (reported). */
static char *path_in(
	struct loader *ld, const char *path, size_t n, const char *prefix, const char *name)
{
	size_t room = n + strlen(prefix) + strlen(name) + 1;
	char *found = arena_alloc(&ld->scratch, room);

	if (!found) {
		fail(ld, "%s: no memory for the path of its ld-linux", path);
		return NULL;
	}
	memcpy(found, path, n);
	format(found + n, room - n, "%s%s", prefix, name);
	return found;
}

int ldlinux_open(struct loader *ld, struct ldlinux *f, const char *path)
{
	const char *name;

	f->before = arena_mark(&ld->scratch);
	if (open_one(ld, f, path) < 0)
		return -1;
	if (!is_myld(ld, f))
		return 0;
	name = path_base(path);
	path = path_in(ld, path, (size_t)(name - path), LDLINUX_SYSTEM, name);
	if (!path || open_one(ld, f, path) < 0)
		return -1;
	return is_myld(ld, f) ? fail(ld, "%s: a myld.so, too", path) : 0;
}

int ldlinux_open_beside(struct loader *ld, struct ldlinux *f, const struct dso *libc)
{
	const char *name = ldlinux_name(ld, libc), *path = NULL;

	if (name)
		path = path_in(ld, libc->path, ldlinux_folder(libc->path), "", name);
	return path ? ldlinux_open(ld, f, path) : -1;
}

void ldlinux_close(struct loader *ld, struct ldlinux *f)
{
	arena_release(&ld->scratch, f->before);
}

/* ---- Strings ---- */

const char *ldlinux_string(const struct ldlinux *f, uintptr_t v)
{
	size_t room = dso_room(&f->dso, v);
	const char *s = dso_at(&f->dso, v);

	return room && strnlen(s, room) < room ? s : NULL;
}

/* The segment after p that is not writable, where constants lie. */
static const Elf_Phdr *next_constant(const struct dso *d, const Elf_Phdr *p)
{
	do
		p = dso_next_load(d, p);
	while (p && (p->p_flags & (PF_R | PF_W)) != PF_R);
	return p;
}

bool ldlinux_has_string(const struct ldlinux *f, const char *text)
{
	const struct dso *d = &f->dso;
	size_t n = strlen(text) + 1;

	for (const Elf_Phdr *p = next_constant(d, NULL); p; p = next_constant(d, p)) {
		const char *s = dso_at(d, p->p_vaddr), *end = s + p->p_filesz;

		for (; (size_t)(end - s) >= n; s++)
			if (*s == *text && !memcmp(s, text, n))
				return true;
	}
	return false;
}

/* ---- Symbols ---- */

bool ldlinux_exports(
	struct loader *ld, struct ldlinux *f, const char *symbol, const struct version *version)
{
	struct wanted w = symbol_wanted(symbol, version);
	struct def def;

	return symbol_in(ld, &f->dso, &w, &def);
}

/* ---- Directories ---- */

/* The length of s if it is an absolute directory as ld.so stores them, "/lib64/"; else 0. */
static size_t directory_length(const char *s, const char *end)
{
	const char *p = s;

	if (s == end || *s != '/')
		return 0;
	while (p<end && * p> ' ' && *p <= '~' && *p != ':')
		p++;
	return p < end && !*p && p - s > 2 && p[-1] == '/' && p[-2] != '/' ? (size_t)(p - s) : 0;
}

/* The number of directories, one behind the other, of the list that begins at s. */
static size_t count_directories(const char *s, const char *end)
{
	size_t n, count = 0;

	for (; (n = directory_length(s, end)); s += n + 1)
		count++;
	return count;
}

/* glibc's trusted directories, slibdir and libdir or more, are strings one behind the other: the
 * longest such list of the file.  NULL: there is none. */
static const char *find_directories(const struct dso *d, const char **end)
{
	const char *best = NULL;
	size_t most = 0;

	for (const Elf_Phdr *p = next_constant(d, NULL); p; p = next_constant(d, p)) {
		const char *start = dso_at(d, p->p_vaddr), *stop = start + p->p_filesz;

		for (const char *s = start; s < stop; s++) {
			size_t n = s > start && s[-1] ? 0 : count_directories(s, stop);

			if (n <= most)
				continue;
			best = s;
			most = n;
			*end = stop;
		}
	}
	return best;
}

/* Writes the directories as a list that is separated by colons, without their final slashes.
 * Returns its length with the final 0. */
static size_t join_directories(const char *s, const char *end, char *to)
{
	size_t n, used = 0;

	for (; (n = directory_length(s, end)); s += n + 1) {
		if (to) {
			memcpy(to + used, s, n - 1);
			to[used + n - 1] = ':';
		}
		used += n;
	}
	if (to)
		to[used - 1] = 0;
	return used;
}

/* What $LIB stands for is the end of the first directory: upstream's its last part, but Debian's has
 * two.  The string stands behind the names of the sequences, unless the linker has merged it with the
 * end of another one.  Its first character, in `first`. */
static const char *find_lib(const struct ldlinux *f, const char *first, size_t n)
{
	static const char names[] = "PLATFORM\0LIB";
	const struct dso *d = &f->dso;
	const char *last = first + n;

	for (const Elf_Phdr *p = next_constant(d, NULL); p; p = next_constant(d, p)) {
		const char *s = dso_at(d, p->p_vaddr), *end = s + p->p_filesz;

		for (; (size_t)(end - s) > sizeof names; s++) {
			const char *text = s + sizeof names;
			size_t len;

			if (*s != *names || memcmp(s, names, sizeof names))
				continue;
			len = strnlen(text, (size_t)(end - text));
			if (len && len < n && last[-(ptrdiff_t)len - 1] == '/' &&
				!memcmp(last - len, text, len))
				return last - len;
		}
	}
	while (last > first && last[-1] != '/')
		last--;
	return last;
}

int ldlinux_paths(struct loader *ld, const struct ldlinux *f, struct libc_paths *paths)
{
	const char *end, *first = find_directories(&f->dso, &end), *lib;
	size_t n, list;
	char *copy;

	if (!first)
		return fail(ld, "%s: its default directories were not found", f->dso.path);
	list = join_directories(first, end, NULL);
	n = directory_length(first, end) - 1;
	lib = find_lib(f, first, n);
	n -= (size_t)(lib - first);
	copy = arena_alloc(&ld->permanent, list + n + 1);
	if (!copy)
		return fail(ld, "%s: no memory for its default directories", f->dso.path);
	join_directories(first, end, copy);
	memcpy(copy + list, lib, n);
	*paths = (struct libc_paths){.directories = copy, .lib = copy + list};
	return 0;
}
