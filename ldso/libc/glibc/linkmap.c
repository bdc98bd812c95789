/* linkmap.c: glibc's struct link_map of each object, and the list of TLS modules.
 *
 * Its first five fields are public (<link.h>); the others are read by libc.so.6 itself (dladdr's
 * symbols, destructors of thread-local objects), by libthread_db, and by programs that rely on
 * private fields.
 */
#include "libc/glibc/machine.h"
#include "base/mem.h"
#include "object/dynamic.h"
#include "object/unwind.h"
#include "state/libc.h"

static const char nameless[] = "";

/* ---- The dynamic section ---- */

static size_t count_tags(const struct dso *d)
{
	size_t n = 0;

	while (d->map->l_ld[n].d_tag != DT_NULL)
		n++;
	return n + 1;
}

/* Relocates the addresses in d's dynamic section in place, where ld.so does: programs that read the
 * section depend on it.  Returns the section, or a relocated copy for l_info if it is read-only
 * (the vDSO's); NULL when memory is exhausted. */
static Elf_Dyn *relocated_section(struct loader *ld, struct dso *d)
{
	Elf_Dyn *section = d->map->l_ld;
	size_t n = count_tags(d), bytes = n * sizeof *section;

	if (!MACHINE_MOVES_DYNAMIC)
		return section;
	if (!dso_contains(d, (uintptr_t)section - d->base, bytes, PF_W)) {
		Elf_Dyn *copy = dso_alloc(ld, d, bytes);

		if (!copy)
			return NULL;
		section = memcpy(copy, section, bytes);
	} else if (d->dynamic_relocated) {
		return section;
	} else {
		d->dynamic_relocated = true;
	}
	for (size_t i = 0; i < n; i++)
		if (dynamic_is_address(section[i].d_tag))
			section[i].d_un.d_ptr += d->base;
	return section;
}

static uint16_t info_index(intptr_t tag)
{
	const struct glibc_layout *l = glibc.layout;

	switch (tag) {
	case DT_GNU_HASH: return l->map.info_gnu_hash;
	case DT_VERSYM: return l->map.info_versym;
	case DT_VERNEED: return l->map.info_verneed;
	case DT_VERDEF: return l->map.info_verdef;
	case DT_FLAGS_1: return l->map.info_flags_1;
	}
	/* Tags that every build has; no build reads later ones. */
	return tag > DT_NULL && tag <= DT_PREINIT_ARRAYSZ ? (uint16_t)tag : GLIBC_NONE;
}

static void put_info(const struct glibc_layout *l, char *map, Elf_Dyn *section)
{
	for (Elf_Dyn *e = section; e->d_tag != DT_NULL; e++) {
		uint16_t i = info_index(e->d_tag);

		if (i < l->map.info_count)
			((Elf_Dyn **)(map + l->map.info))[i] = e;
	}
}

/* ---- The map ---- */

/* l_type: how the object came, two bits behind l_direct_opencount in every version. */
enum map_type { TYPE_PROGRAM, TYPE_LIBRARY, TYPE_OPENED };

static enum map_type type_of(const struct loader *ld, const struct dso *d)
{
	if (d->kind == DSO_PROGRAM)
		return TYPE_PROGRAM;
	return ld->startup_last || d->ns != &ld->base ? TYPE_OPENED : TYPE_LIBRARY;
}

static void put_type(const struct glibc_layout *l, char *map, enum map_type type)
{
	uint16_t count = l->map.direct_opencount;

	if (count == GLIBC_NONE)
		return;
	glibc_put_int(map, count, type != TYPE_LIBRARY);
	map[count + sizeof(int)] |= (char)type;
}

static void put_mapping(
	struct loader *ld, const struct glibc_layout *l, char *map, const struct dso *d)
{
	unsigned bit = l->map.contiguous_bit;

	glibc_put(map, l->map.real, (uintptr_t)map);
	glibc_put(map, l->map.ns, (uintptr_t)d->ns->id);
	glibc_put(map, l->map.phdr, (uintptr_t)d->phdr);
	if (l->map.phnum != GLIBC_NONE)
		*(uint16_t *)(map + l->map.phnum) = (uint16_t)d->phnum;
	glibc_put(map, l->map.entry, d->entry);
	glibc_put(map, l->map.map_start, d->start);
	glibc_put(map, l->map.map_end, dso_segments_end(d, 0));
	glibc_put(map, l->map.text_end, dso_segments_end(d, PF_X));
	put_type(l, map, type_of(ld, d));
	if (bit != GLIBC_NONE && unwind_is_contiguous(ld, d))
		map[bit / 8] |= (char)(1 << bit % 8);
	if (d->relro_end > d->relro_start) {
		glibc_put(map, l->map.relro_addr, d->relro_start - d->base);
		glibc_put(map, l->map.relro_size, d->relro_end - d->relro_start);
	}
}

static void put_hash(const struct glibc_layout *l, char *map, const struct symtab *s)
{
	if (!s->nbuckets)
		return;
	glibc_put_int(map, l->map.nbuckets, (int)s->nbuckets);
	glibc_put_int(map, l->map.gnu_bitmask_idxbits, (int)s->bloom_mask);
	glibc_put_int(map, l->map.gnu_shift, (int)s->bloom_shift);
	glibc_put(map, l->map.gnu_bitmask, (uintptr_t)s->bloom);
	glibc_put(map, l->map.gnu_buckets, (uintptr_t)s->buckets);
	glibc_put(map, l->map.gnu_chain_zero, (uintptr_t)(s->chain - s->symoffset));
}

/* The map is in writable memory: libc.so.6 counts a library's thread-local destructors in it. */
int glibc_describe(struct loader *ld, struct dso *d)
{
	const struct glibc_layout *l = glibc.layout;
	char *map = heap_alloc(&ld->heap, l->map.size + 3 * sizeof(uintptr_t), 0, 0);
	uintptr_t *libname = (uintptr_t *)(map + l->map.size); /* struct libname_list */
	Elf_Dyn *section;

	if (!map)
		return fail(ld, "%s: no memory for its struct link_map", d->path);
	*(struct link_map *)map = d->state->own_map;
	if (d->kind == DSO_PROGRAM)
		((struct link_map *)map)->l_name = nameless;
	d->map = (struct link_map *)map;
	libname[0] = (uintptr_t)(d->name ? d->name : d->map->l_name);
	glibc_put(map, l->map.libname, (uintptr_t)libname);
	put_mapping(ld, l, map, d);
	put_hash(l, map, &d->symtab);
	if (d->map->l_ld) {
		section = relocated_section(ld, d);
		if (!section)
			return fail(ld, "%s: no memory for its dynamic section", d->path);
		put_info(l, map, section);
	}
	if (machine_protect(ld, d) < 0)
		return -1;
	return unwind_add(ld, d, d->map);
}

bool glibc_is_held(const struct dso *d)
{
	const size_t *count = (const size_t *)((char *)d->map + glibc.layout->map.tls_dtor_count);

	return d->map != &d->state->own_map && __atomic_load_n(count, __ATOMIC_ACQUIRE);
}

/* ---- TLS modules ---- */

/* struct dtv_slotinfo_list, in which libthread_db looks up the generation of a module. */
struct slotinfo_list {
	size_t length;
	struct slotinfo_list *next;
	struct {
		size_t generation;
		struct link_map *map;
	} slot[62];
};

#define SLOTS (sizeof((struct slotinfo_list *)0)->slot / sizeof *((struct slotinfo_list *)0)->slot)

static struct slotinfo_list modules = {.length = SLOTS};

static int put_slot(struct loader *ld, size_t module, struct link_map *map)
{
	struct slotinfo_list *list = &modules;

	for (; module >= SLOTS; module -= SLOTS) {
		if (!list->next) {
			list->next = heap_alloc(&ld->heap, sizeof *list, 0, 0);
			if (!list->next)
				return -1;
			list->next->length = SLOTS;
		}
		list = list->next;
	}
	list->slot[module].generation = ld->tls.generation;
	list->slot[module].map = map;
	return 0;
}

void glibc_describe_tls(struct loader *ld, const struct dso *d)
{
	const struct glibc_layout *l = glibc.layout;
	const struct dso_tls *t = &d->tls;
	void *map = d->map;

	if (!t->module)
		return;
	glibc_put(map, l->map.tls_initimage, t->image);
	glibc_put(map, l->map.tls_initimage_size, t->filesz);
	glibc_put(map, l->map.tls_blocksize, t->memsz);
	glibc_put(map, l->map.tls_align, t->align);
	glibc_put(map, l->map.tls_firstbyte_offset, t->vaddr & (t->align - 1));
	/* Variant II counts downwards; -1 means dynamic TLS. */
	glibc_put(map, l->map.tls_offset,
		!t->is_static       ? (uintptr_t)-1
		: ARCH_TLS_BELOW_TP ? (uintptr_t)-t->offset
				    : (uintptr_t)t->offset);
	glibc_put(map, l->map.tls_modid, t->module);
	/* A failure is ignored: only libthread_db needs the entry. */
	put_slot(ld, t->module, d->map);
	glibc_put(glibc_global, l->global.tls_dtv_slotinfo_list, (uintptr_t)&modules);
	glibc_put(glibc_global, l->global.tls_max_dtv_idx, ld->tls.count);
	glibc_put(glibc_global, l->global.tls_generation, ld->tls.generation);
}

static void clear_slot(const struct link_map *map)
{
	for (struct slotinfo_list *list = &modules; list; list = list->next)
		for (size_t i = 0; i < SLOTS; i++)
			if (list->slot[i].map == map)
				list->slot[i].map = NULL;
}

void glibc_forget(struct loader *ld, struct dso *d)
{
	if (d->map == &d->state->own_map)
		return;
	unwind_remove(d);
	clear_slot(d->map);
	heap_free(&ld->heap, d->map);
	d->map = &d->state->own_map;
}
