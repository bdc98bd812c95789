/* ldlinux_tunables.c: reads the list of tunables from the file of an ld-linux.
 *
 * It is a static array, in the order of ids (elf/dl-tunable-types.h of glibc, and gen-tunables.awk).
 * An element begins with the name; the arrays of characters are as large as the longest name and the
 * longest alias of the list:
 *
 *	2.26 to 2.32    name: pointer   type min max   value   bool, int   alias: pointer
 *	2.33 to 2.38    name: array     type min max   value   bool, int   alias: array
 *	2.39 to 2.43    name: array     type min max   default   value   bool   alias: array
 *	2.44            name: array     type min max   default   value   two bytes   alias: array
 *
 * The alias always is the last member, so an array of aliases is found by its end: the longest of
 * them, with padding, fills its element.
 */
#include "libc/glibc/ldlinux.h"

#include "base/mem.h"

enum {
	WORD = 8,
	MAX_STRIDE = 512,
	MAX_COUNT = 512,
	/* Offsets from the type. */
	AT_MIN = 8,
	AT_MAX = 16,
	AT_VALUE = 24,
	BEHIND_VALUE = 32,
};

struct list {
	const struct ldlinux *file;
	bool by_pointer;
	uintptr_t at; /* of the first element */
	size_t stride, count;
	size_t type, alias; /* offsets in an element */
};

static bool is_lower(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* "glibc.NAMESPACE.NAME" */
static bool is_name(const char *s)
{
	unsigned dots = 1;

	if (!s || strncmp(s, "glibc.", 6))
		return false;
	for (s += 6; *s; s++) {
		if (*s == '.' && is_lower(s[-1]))
			dots++;
		else if (!is_lower(*s))
			return false;
	}
	return dots == 2 && s[-1] != '.';
}

/* A variable of the environment, or "". */
static bool is_alias(const char *s)
{
	while ((*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || *s == '_')
		s++;
	return !*s;
}

static uint64_t number(const struct list *l, uintptr_t v)
{
	uint64_t n = 0;

	if (dso_contains(&l->file->dso, v, sizeof n, PF_R))
		memcpy(&n, dso_at(&l->file->dso, v), sizeof n);
	return n;
}

/* The string that is at v, or that a pointer at v points to. */
static const char *text(const struct list *l, uintptr_t v)
{
	return ldlinux_string(l->file, l->by_pointer ? (uintptr_t)number(l, v) : v);
}

static bool is_element(const struct list *l, uintptr_t v)
{
	return is_name(text(l, v));
}

/* Finds the first two elements in a segment, and the number of those that follow at the same
 * distance. */
static bool find_in(struct list *l, const Elf_Phdr *p)
{
	uintptr_t v = (p->p_vaddr + WORD - 1) & -(uintptr_t)WORD, end = p->p_vaddr + p->p_filesz;

	while (v < end && !is_element(l, v))
		v += WORD;
	l->at = v;
	for (l->stride = WORD; l->stride <= MAX_STRIDE; l->stride += WORD)
		if (v + l->stride < end && is_element(l, v + l->stride))
			break;
	l->count = 0;
	while (l->stride <= MAX_STRIDE && l->count < MAX_COUNT &&
		is_element(l, v + l->count * l->stride))
		l->count++;
	return l->count > 1;
}

static bool find(struct list *l)
{
	const struct dso *d = &l->file->dso;

	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p))
		if (p->p_flags & PF_W && find_in(l, p))
			return true;
	return false;
}

/* The size that an array of the longest of the strings needs, `at` bytes into each element; 0: one
 * is no string, or not of that kind. */
static size_t room_of(const struct list *l, size_t at, bool (*is_kind)(const char *s))
{
	size_t most = 0;

	for (size_t i = 0; i < l->count; i++) {
		const char *s = text(l, l->at + i * l->stride + at);

		if (!s || !is_kind(s))
			return 0;
		if (strlen(s) + 1 > most)
			most = strlen(s) + 1;
	}
	return most;
}

/* Whether the byte in front is 0 in each element: the end of a member that is unset or small. */
static bool is_begin(const struct list *l, size_t at)
{
	for (size_t i = 0; i < l->count; i++) {
		uintptr_t v = l->at + i * l->stride + at - 1;

		if (!dso_contains(&l->file->dso, v, 1, PF_R) || *(char *)dso_at(&l->file->dso, v))
			return false;
	}
	return true;
}

static size_t round_up(size_t n)
{
	return (n + WORD - 1) & -(size_t)WORD;
}

/* Finds out where the members of an element are. */
static bool understand(struct list *l)
{
	l->type = l->by_pointer ? WORD : round_up(room_of(l, 0, is_name));
	l->alias = l->type + BEHIND_VALUE;
	if (l->by_pointer) {
		l->alias += WORD;
		return l->alias + WORD == l->stride;
	}
	for (; l->alias < l->stride; l->alias++) {
		size_t room = room_of(l, l->alias, is_alias);

		if (room > 1 && round_up(l->alias + room) == l->stride && is_begin(l, l->alias))
			return true;
	}
	return false;
}

static bool copy(char *to, size_t size, const char *s)
{
	size_t n = strlen(s) + 1;

	if (n > size)
		return false;
	memcpy(to, s, n);
	return true;
}

/* Decodes an element.  Returns NULL, or the member that can't be represented. */
static const char *decode(const struct list *l, size_t i, struct glibc_tunable *t)
{
	uintptr_t at = l->at + i * l->stride, v = at + l->type;
	const char *alias = text(l, at + l->alias);
	uint32_t type = (uint32_t)number(l, v);

	if (!copy(t->name, sizeof t->name, text(l, at)))
		return "name";
	/* Up to 2.32 no alias is a null pointer. */
	if (l->by_pointer && !number(l, at + l->alias))
		alias = "";
	if (!alias || !is_alias(alias) || !copy(t->alias, sizeof t->alias, alias))
		return "alias";
	if (type > TUNABLE_STRING)
		return "type";
	t->type = (uint8_t)type;
	if (type == TUNABLE_STRING)
		return NULL;
	t->min = (int64_t)number(l, v + AT_MIN);
	t->max = (int64_t)number(l, v + AT_MAX);
	t->value = (int64_t)number(l, v + AT_VALUE);
	return NULL;
}

int ldlinux_tunables(struct loader *ld, const struct ldlinux *f, struct glibc_build *b)
{
	struct list l = {.file = f};
	struct glibc_tunable *tunables;
	const char *wrong;

	if (!find(&l)) {
		l.by_pointer = true;
		if (!find(&l))
			return fail(ld, "%s: its list of tunables was not found", f->dso.path);
	}
	if (!understand(&l))
		return fail(ld,
			"%s: its list of %zu tunables is of no known form (elements of %zu bytes)",
			f->dso.path, l.count, l.stride);
	tunables = arena_alloc(&ld->permanent, l.count * sizeof *tunables);
	if (!tunables)
		return fail(ld, "%s: no memory for its %zu tunables", f->dso.path, l.count);
	for (size_t i = 0; i < l.count; i++) {
		wrong = decode(&l, i, &tunables[i]);
		if (wrong)
			return fail(ld, "%s: tunable %s: its %s is not one that is known",
				f->dso.path, text(&l, l.at + i * l.stride), wrong);
	}
	b->tunables = tunables;
	b->ntunables = l.count;
	b->by_id = true;
	return 0;
}
