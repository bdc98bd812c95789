/* hwcaps.c: the subdirectories of glibc-hwcaps that are searched, best first.
 *
 * A library may lie in a directory several times, built for newer processors: in
 * DIR/glibc-hwcaps/x86-64-v3, for instance.  Those of --glibc-hwcaps-prepend come before the
 * machine's own; --glibc-hwcaps-mask selects among the latter.  These are the rules of glibc since
 * 2.33.  The subdirectories that glibc searched before 2.37 (combinations of tls, haswell, avx512_1
 * and x86_64) are not searched, since current libraries are only built for hwcaps.
 */
#include "search/hwcaps.h"
#include "arch.h"
#include "base/list.h"
#include "base/mem.h"

static bool is_listed(const char *list, const struct hwcap *cap)
{
	size_t n;

	for (const char *name; (name = list_next(&list, ":", &n));)
		if (n == cap->len && !memcmp(name, cap->name, n))
			return true;
	return false;
}

/* The source of a list of subdirectories. */
enum source { PREPENDED, BUILT_IN };

static void add(struct hwcaps *h, const char *list, enum source source, unsigned most)
{
	size_t n;

	for (const char *name; h->count < most && (name = list_next(&list, ":", &n));)
		if (n)
			h->list[h->count++] = (struct hwcap){.name = name,
				.len = (unsigned)n,
				.built_in = source == BUILT_IN,
				.supported = true,
				.searched = true};
}

void hwcaps_read(struct hwcaps *h, const struct config *c)
{
	unsigned first;

	h->count = 0;
	h->level = *ARCH_HWCAPS ? arch_isa_level() : 0;
	add(h, c->hwcaps_prepend, PREPENDED, HWCAPS_PREPENDED);
	first = h->count;
	add(h, ARCH_HWCAPS, BUILT_IN, HWCAPS_MOST);
	for (unsigned i = first; i < h->count; i++) {
		struct hwcap *cap = &h->list[i];

		cap->supported = h->count - i <= h->level;
		cap->searched =
			cap->supported && (!c->hwcaps_mask || is_listed(c->hwcaps_mask, cap));
	}
}

const struct hwcaps *hwcaps_of(struct loader *ld)
{
	if (!ld->hwcaps) {
		ld->hwcaps = heap_alloc(&ld->heap, sizeof *ld->hwcaps, 0, 0);
		if (ld->hwcaps)
			hwcaps_read(ld->hwcaps, &ld->config);
	}
	return ld->hwcaps;
}

int hwcaps_find(const struct hwcaps *h, const char *name)
{
	size_t n = strlen(name);

	for (unsigned i = 0; i < h->count; i++)
		if (h->list[i].searched && h->list[i].len == n && !memcmp(h->list[i].name, name, n))
			return (int)i;
	return -1;
}
