/* expand.c: substitution sequences (gABI 5, "Substitution Sequences"): $ORIGIN, and $LIB and
 * $PLATFORM of ld.so(8).
 *
 * In secure mode the caller can choose $ORIGIN with a hard link to the program, so it is only
 * allowed where the result lies in a default directory.
 */
#include "search/expand.h"
#include "base/list.h"
#include "base/mem.h"
#include "search/search.h"
#include "search/trace.h"
#include "state/libc.h"

/* Parses a dollar sign and the longest name after it, or a name in braces.  Returns the length of
 * the sequence; 0: it is not one. */
static size_t read_token(const char *text, const char *end, const char **name, size_t *len)
{
	bool braces = end - text > 1 && text[1] == '{';
	const char *p = text + 1 + braces;

	for (*name = p; p < end; p++)
		if (!(*p >= 'A' && *p <= 'Z') && !(*p >= 'a' && *p <= 'z') && *p != '_' &&
			!(*p >= '0' && *p <= '9'))
			break;
	*len = (size_t)(p - *name);
	if (braces && (p == end || *p != '}'))
		return 0;
	return (size_t)(p + braces - text);
}

const struct libc_paths *search_paths(struct loader *ld)
{
	if (!ld->paths && ld->abi->find_paths)
		ld->paths = ld->abi->find_paths(ld);
	if (!ld->paths)
		ld->paths = &ld->abi->paths;
	return ld->paths;
}

const char *expand_platform(struct loader *ld)
{
	return ld->abi->platform ? ld->abi->platform(ld) : ld->config.platform;
}

/* Stores the value of a name in *value (NULL: it is not a sequence and stays as it is).  Returns
 * NULL, or the reason why the value is unknown. */
static const char *token_value(
	struct loader *ld, struct dso *d, const char *name, size_t len, const char **value)
{
	*value = NULL;
	if (len == 6 && !memcmp(name, "ORIGIN", 6)) {
		*value = d ? search_origin(ld, d) : NULL;
		return *value ? NULL : "$ORIGIN is unknown";
	}
	if (len == 3 && !memcmp(name, "LIB", 3))
		*value = search_paths(ld)->lib;
	if (len == 8 && !memcmp(name, "PLATFORM", 8)) {
		*value = expand_platform(ld);
		trace_platform(ld, *value ? *value : "");
		return *value && **value ? NULL : "$PLATFORM is unknown";
	}
	return NULL;
}

static const char *substitute(
	struct loader *ld, const char *text, size_t n, struct dso *d, char *buf)
{
	const char *end = text + n;
	size_t used = 0;

	while (text < end) {
		const char *name, *value = NULL, *why;
		size_t len, taken = *text == '$' ? read_token(text, end, &name, &len) : 0;

		if (taken) {
			why = token_value(ld, d, name, len, &value);
			if (why)
				return why;
		}
		if (!value)
			taken = 1;
		len = value ? strlen(value) : 1;
		if (used + len >= PATH_LIMIT)
			return "longer than 4095 bytes";
		memcpy(buf + used, value ? value : text, len);
		used += len;
		text += taken;
	}
	buf[used] = 0;
	return NULL;
}

/* Removes ".", ".." and empty components from an absolute path. */
static void normalize(char *path)
{
	char *to = path;

	for (const char *p = path; *p;) {
		size_t n = 0;

		while (*p == '/')
			p++;
		while (p[n] && p[n] != '/')
			n++;
		if (n == 2 && p[0] == '.' && p[1] == '.') {
			while (to > path && *--to != '/')
				;
		} else if (n && !(n == 1 && *p == '.')) {
			*to++ = '/';
			memmove(to, p, n);
			to += n;
		}
		p += n;
	}
	if (to == path)
		*to++ = '/';
	*to = 0;
}

bool expand_is_default(struct loader *ld, const char *path)
{
	const char *rest = search_paths(ld)->directories;
	size_t n;

	for (const char *dir; (dir = list_next(&rest, ":", &n));)
		if (!strncmp(path, dir, n) && (!path[n] || path[n] == '/'))
			return true;
	return false;
}

/* In secure mode: allows $ORIGIN only at the beginning of text, as a whole path component, and if
 * buf, the expansion, lies in the default directories.  Returns NULL, or the reason of a
 * refusal. */
static const char *check_origin(struct loader *ld, const char *text, size_t n, char *buf)
{
	static const char refused[] =
		"$ORIGIN leads out of the default directories, in secure mode";
	const char *name;
	size_t len, first = 0;

	for (size_t i = 0; i < n; i++) {
		size_t taken = text[i] == '$' ? read_token(text + i, text + n, &name, &len) : 0;

		if (!taken || len != 6 || memcmp(name, "ORIGIN", 6))
			continue;
		if (i || (taken < n && text[taken] != '/'))
			return refused;
		first = taken;
	}
	if (!first)
		return NULL;
	normalize(buf);
	return expand_is_default(ld, buf) ? NULL : refused;
}

const char *expand(struct loader *ld, const char *text, size_t n, struct dso *d, char *buf)
{
	const char *why = substitute(ld, text, n, d, buf);

	return !why && ld->config.secure ? check_origin(ld, text, n, buf) : why;
}
