/* ldcache.c: /etc/ld.so.cache, ldconfig's list of libraries.
 *
 *	(old) "ld.so-1.7.0", a count, entries of 12 bytes: skipped
 *	new   "glibc-ld.so.cache1.1", counts, flags; entries by descending name; strings
 *	      extensions: a directory of sections, of which one names subdirectories of glibc-hwcaps
 *
 * No document describes the format; this is what ldconfig writes (-c compat: both parts; -c new).
 * The file is not trusted: every offset is checked before it is followed.
 *
 * It is mapped, not read, since a lookup touches only a few pages of it (10 us less than reading
 * it).  No later than the end of a start or of a dlopen it is unmapped, as ld.so does: the mapping
 * would keep a replaced file's blocks on the disk, and its file system from being unmounted.
 */
#include "search/ldcache.h"
#include "base/mem.h"
#include "base/sys.h"
#include "memory/file_map.h"
#include "search/hwcaps.h"
#include "search/trace.h"
#include "state/libc.h"

/* Numbers have the machine's byte order and alignment. */
struct ldcache_entry {
	int32_t flags; /* kind of library and machine */
	uint32_t name, path;
	uint32_t osversion; /* the oldest kernel for it; glibc no longer reads it */
	uint64_t hwcap;     /* 0; or as below; or a mask of hwcaps of before glibc 2.37 */
};

/* hwcap: bit 62; the ISA level that the code needs (arch_isa_level()); an index of subdirs. */
#define HWCAP_SUBDIR (1u << 30)
#define HWCAP_LEVEL  0x3ffu

#define OLD_MAGIC "ld.so-1.7.0"
#define NEW_MAGIC "glibc-ld.so.cache1.1"

struct old_header {
	char magic[12];
	uint32_t count;
};

#define OLD_ENTRY 12 /* bytes */

struct header {
	char magic[20];
	uint32_t count;
	uint32_t strings_size;
	unsigned char flags, unused_bytes[3];
	uint32_t extensions; /* offset in the file, 0: none */
	uint32_t unused[3];
	struct ldcache_entry entries[];
};

/* flags: the byte order; 0: unknown, as older versions of ldconfig wrote it. */
#define ORDER_MASK 3
#define ORDER_OURS (ARCH_DATA == ELFDATA2LSB ? 2 : 3)

#define EXTENSIONS_MAGIC 0xeaa42174u
#define SECTION_SUBDIRS  1 /* tag */

struct extensions {
	uint32_t magic, count;
	struct section {
		uint32_t tag, flags;
		uint32_t offset, size; /* in the file; bytes */
	} sections[];
};

/* --- reading --- */

static const char *read_extensions(struct ldcache *c, const char *file, size_t size, uint32_t at)
{
	const struct extensions *e = (const struct extensions *)(file + at);

	if (!at)
		return NULL;
	if (at % _Alignof(struct extensions) || at > size || size - at < sizeof *e)
		return "its extensions lie outside of it";
	if (e->magic != EXTENSIONS_MAGIC)
		return "its extensions have another magic number";
	if (e->count > (size - at - sizeof *e) / sizeof *e->sections)
		return "it has more extensions than bytes";
	for (const struct section *s = e->sections; s < e->sections + e->count; s++) {
		if (s->offset > size || s->size > size - s->offset)
			return "an extension lies outside of it";
		if (s->tag != SECTION_SUBDIRS)
			continue;
		if (s->offset % sizeof *c->subdirs || s->size % sizeof *c->subdirs)
			return "its list of subdirectories is not aligned";
		c->subdirs = (const uint32_t *)(file + s->offset);
		c->nsubdirs = s->size / sizeof *c->subdirs;
	}
	return NULL;
}

/* The offset of the new format's header, behind the old format if that is present. */
static size_t new_header(const char *file, size_t size)
{
	const struct old_header *old = (const struct old_header *)file;
	size_t align = _Alignof(struct header);

	if (size < sizeof *old || memcmp(old->magic, OLD_MAGIC, sizeof OLD_MAGIC - 1))
		return 0;
	if (old->count > (size - sizeof *old) / OLD_ENTRY)
		return size;
	return (sizeof *old + old->count * OLD_ENTRY + align - 1) & -align;
}

const char *ldcache_read(struct ldcache *c, const char *file, size_t size)
{
	size_t at = new_header(file, size), room;
	const struct header *h = (const struct header *)(file + at);

	if (at > size || size - at < sizeof *h || memcmp(h->magic, NEW_MAGIC, sizeof NEW_MAGIC - 1))
		return "it does not begin as ldconfig's file does";
	if (h->flags & ORDER_MASK && (h->flags & ORDER_MASK) != ORDER_OURS)
		return "it is of the other byte order";
	room = size - at - sizeof *h;
	if (h->count > room / sizeof *h->entries)
		return "it has more entries than bytes";
	room -= h->count * sizeof *h->entries;
	if (h->strings_size > room)
		return "its strings lie outside of it";
	c->strings = (const char *)h;
	c->strings_end = (uint32_t)(size - at - room + h->strings_size);
	if (h->count && (!h->strings_size || c->strings[c->strings_end - 1]))
		return "its strings do not end";
	c->entries = h->entries;
	c->count = h->count;
	c->subdirs = NULL;
	c->nsubdirs = 0;
	return read_extensions(c, file, size, h->extensions);
}

/* --- finding --- */

/* The value of a run of digits; it wraps around as ldconfig's int does. */
static int32_t read_number(const char **p)
{
	uint32_t n = 0;

	for (; **p >= '0' && **p <= '9'; ++*p)
		n = n * 10 + (uint32_t)(**p - '0');
	return (int32_t)n;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Compares names in ldconfig's order: runs of digits by value, and digits after all other
 * characters.  Its char has the same signedness as ours. */
static int compare(const char *a, const char *b)
{
	while (*a && (is_digit(*a) || is_digit(*b) || *a == *b)) {
		if (is_digit(*a) && is_digit(*b)) {
			int32_t x = read_number(&a), y = read_number(&b);

			if (x != y)
				return (int32_t)((uint32_t)x - (uint32_t)y);
		} else if (is_digit(*a) || is_digit(*b)) {
			return is_digit(*a) ? 1 : -1;
		} else {
			a++;
			b++;
		}
	}
	return *a - *b;
}

/* The string at an offset; NULL: the offset is outside the strings. */
static const char *string(const struct ldcache *c, uint32_t offset)
{
	return offset < c->strings_end ? c->strings + offset : NULL;
}

/* The index of the first entry of the name or, as the order is descending, of the first less than
 * it. */
static uint32_t first_of(const struct ldcache *c, const char *name)
{
	uint32_t low = 0, high = c->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const char *there = string(c, c->entries[middle].name);

		if (!there)
			return c->count;
		if (compare(name, there) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool in_subdir(const struct ldcache_entry *e)
{
	return ((uint32_t)(e->hwcap >> 32) & ~HWCAP_LEVEL) == HWCAP_SUBDIR;
}

/* The preference of a library in a subdirectory, lower is better; -1: not usable. */
static int rank(const struct ldcache *c, const struct ldcache_entry *e, struct loader *ld)
{
	uint32_t index = (uint32_t)e->hwcap;
	const char *subdir = index < c->nsubdirs ? string(c, c->subdirs[index]) : NULL;
	const struct hwcaps *h = subdir ? hwcaps_of(ld) : NULL;

	if (!h || (uint32_t)(e->hwcap >> 32 & HWCAP_LEVEL) > h->level)
		return -1;
	return hwcaps_find(h, subdir);
}

const char *ldcache_find(const struct ldcache *c, const char *name, struct loader *ld)
{
	const char *best = NULL;
	int best_rank = HWCAPS_MOST;

	for (uint32_t i = first_of(c, name); i < c->count; i++) {
		const struct ldcache_entry *e = &c->entries[i];
		const char *there = string(c, e->name), *path = string(c, e->path);
		int r = HWCAPS_MOST; /* after all subdirectories */

		if (!there || compare(name, there))
			break;
		if (!path || e->flags != ARCH_CACHE_FLAGS || strcmp(name, there))
			continue;
		if (in_subdir(e))
			r = rank(c, e, ld);
		else if (e->hwcap)
			continue;
		if (r >= 0 && (!best || r < best_rank)) {
			best = path;
			best_rank = r;
		}
	}
	return best;
}

/* --- the file --- */

static const struct vm_owner cache_owner = {.name = "[ld.so.cache]"};

/* Maps the file.  Sets *why if it is not a valid cache.  -errno. */
static int map_file(struct loader *ld, struct ldcache *c, int fd, const char **why)
{
	struct file_info info;
	int r = sys_fstat_by(ld->fstat_call, fd, &info);

	if (r < 0)
		return r;
	if ((info.mode & FILE_TYPE) != FILE_REGULAR || info.size < sizeof(struct header) ||
		info.size > UINT32_MAX) {
		*why = "not a regular file, or of no possible size";
		return 0;
	}
	trace_path(ld, ld->abi->cache_file, &info);
	c->size = info.size;
	r = file_map(&ld->vm, fd, &info, &cache_owner, &c->file);
	if (r < 0)
		return r;
	*why = ldcache_read(c, c->file, c->size);
	return 0;
}

int ldcache_open(struct loader *ld, struct ldcache *c)
{
	const char *path = ld->abi->cache_file, *why = NULL;
	int fd, r;

	if (c->opened)
		return 0;
	*c = (struct ldcache){.opened = true};
	r = fd = sys_open(path);
	if (fd >= 0) {
		r = map_file(ld, c, fd, &why);
		sys_close(fd);
	}
	if (r < 0 && r != -SYS_ENOENT && r != -SYS_ENOTDIR)
		why = errno_text(r);
	else if (r < 0)
		trace_path(ld, path, NULL);
	if (why) {
		trace_unrecordable_file(ld, path, why);
		debug(ld, DEBUG_LIBS, " cache %s is not used: %s", path, why);
		c->count = 0;
	}
	return r;
}

void ldcache_close(struct loader *ld, struct ldcache *c)
{
	if (c->file)
		file_unmap(&ld->vm, c->file, c->size);
	*c = (struct ldcache){0};
}
