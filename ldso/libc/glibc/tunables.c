/* tunables.c: GLIBC_TUNABLES; see tunables.h.
 *
 *	GLIBC_TUNABLES=glibc.malloc.check=3:glibc.rtld.nns=8
 *
 * Some tunables have a variable of their own (MALLOC_CHECK_), which is used if the list does not
 * set them.  Up to 2.38, errors in the list are skipped silently; since 2.39, a malformed list is
 * ignored as a whole, and so is a value that is not a number, both with a warning.  A value out of
 * bounds is ignored silently.
 */
#include "libc/glibc/tunables.h"

#include "base/mem.h"

static struct {
	struct tunable_value *list; /* by id */
	size_t count;
	bool strict;      /* the rules since 2.39 */
	bool want_secure; /* glibc.rtld.enable_secure=1: the variables are ignored, too */
} tunables;

/* ---- Values ---- */

/* The number in C notation at the start of text; sets *end behind it.  It saturates, up to 2.38
 * slightly below UINT64_MAX. */
static uint64_t parse_number(const char *text, const char **end)
{
	uint64_t n = 0;
	unsigned base = 10;
	bool negative;

	while (*text == ' ' || *text == '\t')
		text++;
	negative = *text == '-';
	if (*text == '-' || *text == '+')
		text++;
	if (text[0] == '0')
		base = text[1] == 'x' || text[1] == 'X' ? 16 : 8;
	if (base == 16)
		text += 2;
	for (;; text++) {
		char low = *text | 0x20;
		unsigned digit = *text >= '0' && *text <= '9' ? (unsigned)(*text - '0')
				 : low >= 'a' && low <= 'f'   ? (unsigned)(low - 'a' + 10)
							      : base;
		if (digit >= base)
			break;
		if (n + !tunables.strict > (UINT64_MAX - digit) / base) {
			*end = text;
			return UINT64_MAX;
		}
		n = n * base + digit;
	}
	*end = text;
	return negative ? -n : n;
}

static bool is_less(const struct tunable_value *v, int64_t a, int64_t b)
{
	return v->tunable->type == TUNABLE_INT32 ? a < b : (uint64_t)a < (uint64_t)b;
}

static void set_number(struct tunable_value *v, int64_t n, int64_t min, int64_t max)
{
	if (is_less(v, min, v->min))
		min = v->min;
	if (is_less(v, v->max, max))
		max = v->max;
	if (is_less(v, max, min)) {
		min = v->min;
		max = v->max;
	}
	if (is_less(v, n, min) || is_less(v, max, n))
		return;
	v->number = n;
	v->min = min;
	v->max = max;
	v->is_set = true;
}

static void warn(const char *variable, const char *text, size_t length, const char *what)
{
	char shown[256];

	format(shown, length < sizeof shown ? length + 1 : sizeof shown, "%s", text);
	print(2, "myld.so: warning: %s: \"%s\": %s; ignored\n", variable, shown, what);
}

static int set_text(struct loader *ld, struct tunable_value *v, const char *text, size_t length)
{
	char *copy = arena_alloc(&ld->permanent, length + 1);

	if (!copy)
		return fail(ld, "%s: out of memory", v->tunable->name);
	memcpy(copy, text, length);
	v->text.s = copy;
	v->text.length = length;
	v->is_set = true;
	return 0;
}

/* Sets the user's value, which ends with a 0 or a colon. */
static int set_user(struct loader *ld, struct tunable_value *v, const char *text, size_t length)
{
	const char *end;

	if (v->tunable->type == TUNABLE_STRING)
		return set_text(ld, v, text, length);

	int64_t n = (int64_t)parse_number(text, &end);
	if (tunables.strict && end != text + length) {
		warn(v->tunable->name, text, length, "expected a number");
		return 0;
	}
	if (tunables.strict && v->tunable->type == TUNABLE_INT32)
		n = (int32_t)n;
	set_number(v, n, v->min, v->max);
	return 0;
}

/* ---- The list ---- */

struct pair {
	const char *name, *value;
	size_t name_length, value_length;
};

enum next { NEXT_PAIR, NEXT_END, NEXT_BROKEN };

static const char *find_any(const char *s, const char *stop)
{
	while (*s && !strchr(stop, *s))
		s++;
	return s;
}

/* Parses the pair at *at, which is NULL behind the last one, and advances *at.  Names without a
 * value are skipped, except for the last. */
static enum next next_pair(const char **at, struct pair *pair)
{
	const char *s = *at, *end;

	if (!s)
		return NEXT_END;
	while (*(end = find_any(s, "=:")) == ':')
		s = end + 1;
	if (!*end)
		return tunables.strict ? NEXT_BROKEN : NEXT_END;
	pair->name = s;
	pair->name_length = (size_t)(end - s);
	pair->value = end + 1;
	end = find_any(pair->value, tunables.strict ? "=:" : ":");
	pair->value_length = (size_t)(end - pair->value);
	*at = *end ? end + 1 : NULL;
	return *end == '=' ? NEXT_BROKEN : NEXT_PAIR;
}

/* Names begin alike, so the last character is compared first. */
static struct tunable_value *find(const char *name, size_t length)
{
	if (!length || length >= sizeof tunables.list->tunable->name)
		return NULL;
	for (struct tunable_value *v = tunables.list; v < tunables.list + tunables.count; v++)
		if (v->tunable->name[length - 1] == name[length - 1] && !v->tunable->name[length] &&
			!memcmp(v->tunable->name, name, length))
			return v;
	return NULL;
}

static int read_lenient(struct loader *ld, const char *list)
{
	struct pair pair;

	while (next_pair(&list, &pair) == NEXT_PAIR) {
		struct tunable_value *v = find(pair.name, pair.name_length);

		if (v && set_user(ld, v, pair.value, pair.value_length) < 0)
			return -1;
	}
	return 0;
}

static bool enables_secure(void)
{
	const struct tunable_value *v = tunables_find("glibc.rtld.enable_secure");
	const char *end;

	return v && v->given && parse_number(v->given, &end) == 1 &&
	       end == v->given + v->given_length;
}

/* Since 2.39: parses the whole list before any value is set; the last of several values is used. */
static int read_strict(struct loader *ld, const char *list)
{
	const char *at = list;
	struct pair pair;
	enum next next;

	for (size_t i = 0; i < tunables.count; i++)
		tunables.list[i].given = NULL;
	while ((next = next_pair(&at, &pair)) == NEXT_PAIR) {
		struct tunable_value *v = find(pair.name, pair.name_length);

		if (v) {
			v->given = pair.value;
			v->given_length = pair.value_length;
		}
	}
	if (next == NEXT_BROKEN) {
		warn("GLIBC_TUNABLES", list, strlen(list), "expected NAME=VALUE:NAME=VALUE...");
		return 0;
	}
	if (enables_secure()) {
		tunables.want_secure = true;
		return 0;
	}
	for (struct tunable_value *v = tunables.list; v < tunables.list + tunables.count; v++)
		if (v->given && set_user(ld, v, v->given, v->given_length) < 0)
			return -1;
	return 0;
}

/* ---- The environment ---- */

static int read_lists(struct loader *ld)
{
	for (char **p = ld->config.envp; *p; p++) {
		const char *list = config_value_of(*p, "GLIBC_TUNABLES");

		if (list && *list && (tunables.strict ? read_strict : read_lenient)(ld, list) < 0)
			return -1;
	}
	return 0;
}

/* If a variable occurs more than once, its first valid value is used, or (since 2.39) its last,
 * valid or not. */
static int read_alias(struct loader *ld, struct tunable_value *v)
{
	const char *last = NULL;

	for (char **p = ld->config.envp; *p && !v->is_set; p++) {
		const char *value = config_value_of(*p, v->tunable->alias);

		if (!value)
			continue;
		last = value;
		if (!tunables.strict && set_user(ld, v, value, strlen(value)) < 0)
			return -1;
	}
	return last && tunables.strict ? set_user(ld, v, last, strlen(last)) : 0;
}

int tunables_init(struct loader *ld, const struct glibc_build *b)
{
	size_t count = b->ntunables;

	memset(&tunables, 0, sizeof tunables);
	tunables.list = arena_alloc(&ld->permanent, count * sizeof *tunables.list);
	if (!tunables.list)
		return fail(ld, "GLIBC_TUNABLES: out of memory");
	tunables.count = count;
	tunables.strict = b->layout.rules.strict_tunables;
	for (size_t i = 0; i < count; i++) {
		const struct glibc_tunable *t = glibc_tunable_at(b, i);

		tunables.list[i] = (struct tunable_value){
			.tunable = t, .number = t->value, .min = t->min, .max = t->max};
	}
	if (ld->config.secure)
		return 0;
	if (read_lists(ld) < 0)
		return -1;
	for (size_t i = 0; i < count && !tunables.want_secure; i++)
		if (tunables.list[i].tunable->alias[0] && read_alias(ld, &tunables.list[i]) < 0)
			return -1;
	return 0;
}

/* ---- Queries ---- */

const struct tunable_value *tunables_find(const char *name)
{
	return find(name, strlen(name));
}

void tunables_set(const char *name, uint64_t value, uint64_t min, uint64_t max)
{
	struct tunable_value *v = find(name, strlen(name));

	if (v && v->tunable->type != TUNABLE_STRING)
		set_number(v, (int64_t)value, (int64_t)min, (int64_t)max);
}

void tunables_print(void)
{
	for (struct tunable_value *v = tunables.list; v < tunables.list + tunables.count; v++) {
		print(1, "%s:", v->tunable->name);
		if (v->tunable->type == TUNABLE_INT32)
			print(1, " %d (min: %d, max: %d)", (int)v->number, (int)v->min,
				(int)v->max);
		else if (v->tunable->type != TUNABLE_STRING)
			print(1, " 0x%jx (min: 0x%jx, max: 0x%jx)", (uintmax_t)v->number,
				(uintmax_t)v->min, (uintmax_t)v->max);
		else if (v->text.s)
			print(1, " %s", v->text.s);
		print(1, "\n");
	}
}

/* A string is returned as a pointer to it, and since 2.39 as a pointer to its description; the
 * callback is called if the value is not the default. */
void api_tunable_get_val(int id, void *value, void (*callback)(void *))
{
	if (id < 0 || (size_t)id >= tunables.count)
		return;

	struct tunable_value *v = &tunables.list[id];
	switch (v->tunable->type) {
	case TUNABLE_INT32: *(int32_t *)value = (int32_t)v->number; break;
	case TUNABLE_UINT64: *(uint64_t *)value = (uint64_t)v->number; break;
	case TUNABLE_SIZE: *(size_t *)value = (size_t)v->number; break;
	default: *(const void **)value = tunables.strict ? (const void *)&v->text : v->text.s;
	}
	if (v->is_set && callback)
		callback(v);
}

int api_tunable_is_initialized(int id)
{
	return id >= 0 && (size_t)id < tunables.count && tunables.list[id].is_set;
}
