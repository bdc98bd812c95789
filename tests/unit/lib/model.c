/* model.c: an address space as a plain page table; see model.h. */
#include "lib/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct vm_backend model_backend = {model_map, model_unmap, model_protect};

void model_init(struct model *m, size_t npages, uint64_t seed)
{
	/* Aligned, so that what a seed does is the same wherever the window lies. */
	void *window = aligned_alloc((size_t)MODEL_PAGE << 8, npages * MODEL_PAGE);

	if (!window)
		abort();
	*m = (struct model){.base = (uintptr_t)window, .npages = npages};
	m->pages = calloc(npages + 1, sizeof *m->pages); /* the last one stays unmapped */
	m->random = seed * 2654435769u + 1;
}

void model_free(struct model *m)
{
	free((void *)m->base);
	free(m->pages);
	free(m->text);
}

/* xorshift64*, Vigna 2016 */
size_t model_random(struct model *m, size_t n)
{
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (size_t)((m->random * 0x2545F4914F6CDD1Du) >> 32) % n;
}

static bool fails(struct model *m)
{
	return m->fail_in && !--m->fail_in;
}

/* ---- areas ---- */

static size_t index_of(const struct model *m, uintptr_t addr)
{
	return (addr - m->base) / MODEL_PAGE;
}

static bool same_backing(const struct model_page *a, const struct model_page *b)
{
	return a->mapped && b->mapped && a->shared == b->shared && a->noreserve == b->noreserve &&
	       a->accounted == b->accounted && a->stack == b->stack && !a->name && !b->name &&
	       a->fd == b->fd && (a->fd < 0 || a->offset + MODEL_PAGE == b->offset);
}

static size_t area_start(const struct model *m, size_t i)
{
	while (!m->pages[i].first)
		i--;
	return i;
}

static size_t area_end(const struct model *m, size_t i)
{
	do {
		i++;
	} while (i < m->npages && m->pages[i].mapped && !m->pages[i].first);
	return i;
}

static void set_anon(struct model *m, size_t i, unsigned anon)
{
	size_t end = area_end(m, i);

	for (i = area_start(m, i); i < end; i++)
		m->pages[i].anon = anon;
}

/* Merges the areas on both sides of the boundary below page i, if the kernel would. */
static void merge_at(struct model *m, size_t i)
{
	struct model_page *a, *b = &m->pages[i];
	unsigned anon;

	if (i == 0 || i >= m->npages || !b->mapped)
		return;
	a = b - 1;
	b->first = true;
	if (!same_backing(a, b) || a->prot != b->prot || (a->anon && b->anon && a->anon != b->anon))
		return;
	anon = a->anon ? a->anon : b->anon;
	b->first = false;
	set_anon(m, i, anon);
}

static void cut_at(struct model *m, size_t i)
{
	if (i < m->npages && m->pages[i].mapped)
		m->pages[i].first = true;
}

/* ---- calls ---- */

static bool is_free(const struct model *m, size_t start, size_t n)
{
	if (start + n > m->npages)
		return false;
	for (size_t i = start; i < start + n; i++) {
		if (m->pages[i].mapped)
			return false;
	}
	return true;
}

/* A free place: one of three random ones, or the highest. */
static size_t choose(struct model *m, size_t n)
{
	if (n > m->npages)
		return m->npages;
	for (int try = 0; try < 3; try++) {
		size_t at = model_random(m, m->npages - n + 1);
		if (is_free(m, at, n))
			return at;
	}
	for (size_t at = m->npages - n + 1; at-- > 0;) {
		if (is_free(m, at, n))
			return at;
	}
	return m->npages;
}

static void fill(struct model *m, size_t start, size_t n, struct model_page page)
{
	cut_at(m, start + n);
	for (size_t i = start; i < start + n; i++) {
		m->pages[i] = page;
		page.first = false;
		page.offset += MODEL_PAGE;
	}
	merge_at(m, start);
	merge_at(m, start + n);
}

int model_map(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
	uint64_t offset, uintptr_t *out)
{
	struct model *m = ctx;
	bool accounted = (prot & VM_W) && !(flags & (VM_SHARED | VM_NORESERVE));
	struct model_page page = {.mapped = true,
		.first = true,
		.prot = prot,
		.fd = fd,
		.shared = flags & VM_SHARED,
		.noreserve = flags & VM_NORESERVE,
		.accounted = accounted,
		.offset = offset};
	size_t n = len / MODEL_PAGE, start;
	bool inside = at >= m->base && at + len <= m->base + m->npages * MODEL_PAGE;

	if (!len || len % MODEL_PAGE || at % MODEL_PAGE || offset % MODEL_PAGE)
		abort();
	if ((flags & VM_FIXED) && !inside)
		abort();
	if (fails(m))
		return -ENOMEM;
	start = inside ? index_of(m, at) : m->npages;
	if (!(flags & VM_FIXED) && (!inside || !is_free(m, start, n)))
		start = choose(m, n);
	if (start == m->npages)
		return -ENOMEM;
	fill(m, start, n, page);
	*out = m->base + start * MODEL_PAGE;
	return 0;
}

int model_unmap(void *ctx, uintptr_t at, size_t len)
{
	struct model *m = ctx;
	size_t start = index_of(m, at), end = start + len / MODEL_PAGE;

	if (!len || at % MODEL_PAGE || len % MODEL_PAGE)
		abort();
	if (fails(m))
		return -ENOMEM;
	if (end > m->npages)
		abort();
	cut_at(m, end);
	for (size_t i = start; i < end; i++)
		m->pages[i] = (struct model_page){0};
	return 0;
}

static void protect(struct model *m, size_t start, size_t end, unsigned prot)
{
	cut_at(m, start);
	cut_at(m, end);
	for (size_t i = start; i < end; i++) {
		struct model_page *page = &m->pages[i];
		page->prot = prot;
		if ((prot & VM_W) && !page->shared && !page->noreserve)
			page->accounted = true;
	}
	for (size_t i = start; i <= end; i++) {
		if (i < m->npages && m->pages[i].first)
			merge_at(m, i);
	}
}

/* When it is to fail, half of it has been done, as the kernel may leave it (but for the pages'
 * accounting, which nobody can put back). */
int model_protect(void *ctx, uintptr_t at, size_t len, unsigned prot)
{
	struct model *m = ctx;
	size_t start = index_of(m, at), end = start + len / MODEL_PAGE;

	if (!len || at % MODEL_PAGE || len % MODEL_PAGE)
		abort();
	for (size_t i = start; i < end; i++) {
		if (i >= m->npages || !m->pages[i].mapped)
			return -ENOMEM;
	}
	if (!fails(m)) {
		protect(m, start, end, prot);
		return 0;
	}
	protect(m, start, start + (end - start) / 2, prot & ~(unsigned)VM_W);
	return -ENOMEM;
}

/* ---- what the kernel does by itself ---- */

void model_special(struct model *m, uintptr_t at, size_t len, unsigned prot, const char *name)
{
	bool stack = strcmp(name, "[stack]") == 0;
	struct model_page page = {.mapped = true,
		.first = true,
		.prot = prot,
		.fd = -1,
		.stack = stack,
		.accounted = stack,
		.name = stack ? NULL : name};

	fill(m, index_of(m, at), len / MODEL_PAGE, page);
}

void model_grow(struct model *m, uintptr_t to, uintptr_t from)
{
	struct model_page page = *model_at(m, from);

	model_at(m, from)->first = true;
	page.first = true;
	fill(m, index_of(m, to), (from - to) / MODEL_PAGE, page);
}

void model_brk(struct model *m, uintptr_t brk)
{
	struct model_page page = {
		.mapped = true, .first = true, .prot = VM_R | VM_W, .fd = -1, .accounted = true};

	if (brk < m->brk)
		model_unmap(m, brk, m->brk - brk);
	else if (brk > m->brk)
		fill(m, index_of(m, m->brk), (brk - m->brk) / MODEL_PAGE, page);
	m->brk = brk;
}

void model_touch(struct model *m, uintptr_t at)
{
	size_t i = index_of(m, at), start, end;
	struct model_page *page = &m->pages[i];

	if (!page->mapped || page->shared || !(page->prot & VM_W) || page->anon)
		return;
	start = area_start(m, i);
	end = area_end(m, i);
	if (end < m->npages && same_backing(&m->pages[end - 1], &m->pages[end]) &&
		m->pages[end].anon)
		set_anon(m, i, m->pages[end].anon);
	else if (start && same_backing(&m->pages[start - 1], &m->pages[start]) &&
		 m->pages[start - 1].anon)
		set_anon(m, i, m->pages[start - 1].anon);
	else
		set_anon(m, i, ++m->anons);
}

/* ---- the list ---- */

/* Files 0 and 1 are one file, opened twice; 2 has a large device number. */
uint64_t model_dev(int fd)
{
	return fd == 2 ? (uint64_t)0xabc << 8 | 0x34 | (uint64_t)0x12 << 20 : 0xfe00;
}

uint64_t model_ino(int fd)
{
	return fd == 1 ? 1000 : 1000 + fd;
}

static int print_area(const struct model *m, size_t start, size_t end, char *at)
{
	const struct model_page *p = &m->pages[start];
	uintptr_t from = m->base + start * MODEL_PAGE, to = m->base + end * MODEL_PAGE;
	unsigned major = p->fd < 0 ? 0 : p->fd == 2 ? 0xabc : 0xfe;
	unsigned minor = p->fd == 2 ? 0x1234 : 0;
	int n = sprintf(at, "%08lx-%08lx %c%c%c%c %08llx %02x:%02x %llu ", (unsigned long)from,
		(unsigned long)to, p->prot & VM_R ? 'r' : '-', p->prot & VM_W ? 'w' : '-',
		p->prot & VM_X ? 'x' : '-', p->shared ? 's' : 'p',
		(unsigned long long)(p->fd < 0 ? 0 : p->offset), major, minor,
		(unsigned long long)(p->fd < 0 ? 0 : model_ino(p->fd)));

	if (p->fd >= 0)
		n += sprintf(at + n, "%*s/lib/file%d", 73 > n ? 73 - n : 0, "", p->fd);
	if (p->fd == MODEL_FILES - 1) /* a path that is longer than any buffer for it */
		n += sprintf(at + n, "%0*d (deleted)", 2000, 0);
	if (p->name)
		n += sprintf(at + n, "      %s", p->name);
	else if (p->stack && end == m->npages)
		n += sprintf(at + n, "      [stack]");
	else if (p->fd < 0 && from < m->brk && to > m->heap)
		n += sprintf(at + n, "      [heap]");
	else if (p->fd < 0 && p->noreserve)
		n += sprintf(at + n, "      [anon:some name]");
	at[n++] = '\n';
	return n;
}

static void print_areas(struct model *m)
{
	enum { LINE = 2400 };

	m->text_len = 0;
	if (!m->text)
		m->text = malloc(m->npages * LINE);
	for (size_t i = 0, end; i < m->npages; i = end) {
		end = i + 1;
		if (!m->pages[i].mapped)
			continue;
		end = area_end(m, i);
		m->text_len += print_area(m, i, end, m->text + m->text_len);
	}
}

static long read_piece(void *ctx, void *buf, size_t n)
{
	struct model *m = ctx;
	size_t left, piece = 1 + model_random(m, 700);

	if (!m->text_pos)
		print_areas(m);
	left = m->text_len - m->text_pos;
	if (piece > n)
		piece = n;
	if (piece > left)
		piece = left;
	memcpy(buf, m->text + m->text_pos, piece);
	m->text_pos += piece;
	return (long)piece;
}

struct vm_source model_print(struct model *m)
{
	m->text_pos = 0;
	return (struct vm_source){read_piece, m};
}
