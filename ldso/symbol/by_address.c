/* by_address.c: the symbols of an object by their addresses.
 *
 * Symbol tables are in hash order, so finding an address takes a linear search.  Since most objects
 * see few lookups, an index is built only at the fourth.  It divides the object into stripes of
 * equal length, with about four symbols each, and lists the symbols stripe by stripe:
 *
 *	addresses    |  a b  |       | c     |d e f  |
 *	first[]      0       2       2       3       6
 *	symbols[]    a b c d e f
 *
 * A counting sort builds it, in about the time of three linear searches.  All symbols of a stripe
 * are compared; if none lies at or before the address, the result is in the stripe of the entry
 * before.
 */
#include "symbol/by_address.h"
#include "base/mem.h"

enum { LINEAR_LOOKUPS = 3, PER_STRIPE = 4 };

struct address_index {
	size_t stripes;
	unsigned shift;    /* a stripe is 2^shift bytes of the object's span */
	uint32_t *symbols; /* behind first[] */
	uint32_t first[];  /* stripes + 1: where in symbols each stripe begins */
};

static bool names_address(const struct dso *d, const Elf_Sym *sym)
{
	unsigned type = ELF_ST_TYPE(sym->st_info);

	return sym->st_value && sym->st_shndx != SHN_UNDEF && sym->st_shndx != SHN_ABS &&
	       (type <= STT_FUNC || type == STT_COMMON || type == STT_GNU_IFUNC) &&
	       sym->st_name < d->symtab.str_size;
}

/* Whichever of the two is nearer below addr (not relocated); `best` if both have the same
 * address. */
static const Elf_Sym *nearer(const Elf_Sym *best, const Elf_Sym *sym, uintptr_t addr)
{
	return sym->st_value <= addr && (!best || sym->st_value > best->st_value) ? sym : best;
}

static const Elf_Sym *search_all(const struct dso *d, uintptr_t addr)
{
	const Elf_Sym *best = NULL;
	size_t n = symbol_count(d);

	for (size_t i = 0; i < n; i++)
		if (names_address(d, &d->symtab.sym[i]))
			best = nearer(best, &d->symtab.sym[i], addr);
	return best;
}

/* ---- The index ---- */

/* The stripe of an address (not relocated); those outside the span belong to the first or last. */
static size_t stripe_of(const struct address_index *x, const struct dso *d, uintptr_t addr)
{
	uintptr_t start = d->start - d->base;
	uintptr_t stripe = addr > start ? (addr - start) >> x->shift : 0;

	return stripe < x->stripes ? stripe : x->stripes - 1;
}

/* An empty index with room for `used` symbols; NULL: no memory. */
static struct address_index *allocate(struct loader *ld, const struct dso *d, size_t used)
{
	struct address_index *x;
	unsigned shift = 0;
	size_t stripes;

	while ((d->end - d->start) >> shift > used / PER_STRIPE)
		shift++;
	stripes = ((d->end - d->start) >> shift) + 1;
	x = heap_alloc(&ld->tables, sizeof *x + (stripes + 1 + used) * sizeof *x->first, 0, 0);
	if (!x)
		return NULL;
	x->stripes = stripes;
	x->shift = shift;
	x->symbols = x->first + stripes + 1;
	return x;
}

/* Builds d's index; NULL: no memory.  first[] holds the stripes' ends once the symbols are counted,
 * and their beginnings once they are filled in, from the last symbol to the first. */
static struct address_index *make(struct loader *ld, const struct dso *d)
{
	const Elf_Sym *sym = d->symtab.sym;
	size_t n = symbol_count(d), used = 0;
	struct address_index *x;

	for (size_t i = 0; i < n; i++)
		used += names_address(d, &sym[i]);
	x = allocate(ld, d, used);
	if (!x)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (names_address(d, &sym[i]))
			x->first[stripe_of(x, d, sym[i].st_value)]++;
	for (size_t i = 1; i <= x->stripes; i++)
		x->first[i] += x->first[i - 1];
	for (size_t i = n; i-- > 0;)
		if (names_address(d, &sym[i]))
			x->symbols[--x->first[stripe_of(x, d, sym[i].st_value)]] = (uint32_t)i;
	return x;
}

static const Elf_Sym *search_stripe(
	const struct address_index *x, const struct dso *d, size_t stripe, uintptr_t addr)
{
	const Elf_Sym *best = NULL;

	for (uint32_t i = x->first[stripe]; i < x->first[stripe + 1]; i++)
		best = nearer(best, &d->symtab.sym[x->symbols[i]], addr);
	return best;
}

static const Elf_Sym *search_index(
	const struct address_index *x, const struct dso *d, uintptr_t addr)
{
	size_t stripe = stripe_of(x, d, addr);
	const Elf_Sym *best = search_stripe(x, d, stripe, addr);
	uint32_t before = x->first[stripe];

	if (best || !before)
		return best;
	before = x->symbols[before - 1];
	return search_stripe(x, d, stripe_of(x, d, d->symtab.sym[before].st_value), addr);
}

const Elf_Sym *symbol_by_address(struct loader *ld, struct dso *d, uintptr_t addr)
{
	struct dso_state *state = d->state;
	const Elf_Sym *best;

	addr -= d->base;
	if (!state->by_address && loader_may_change(ld) &&
		state->address_lookups++ >= LINEAR_LOOKUPS)
		state->by_address = make(ld, d);
	best = state->by_address ? search_index(state->by_address, d, addr) : search_all(d, addr);
	if (best && best->st_size && addr - best->st_value >= best->st_size)
		return NULL;
	return best;
}
