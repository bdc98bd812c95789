/* patterns.c (x86_64): what is at a field and beside it; see evidence.h.
 *
 * A word can have many values by chance, but not with what it points to, or with the fields that follow it.
 */
#include "libc/glibc/x86_64/evidence.h"

#include "base/mem.h"
#include "libc/glibc/x86_64/cpu.h"

#define MUTEX 40 /* sizeof (pthread_mutex_t) */

static uintptr_t word_at(const struct structure *s, size_t offset)
{
	uintptr_t word = 0;

	if (offset + sizeof word <= s->size)
		memcpy(&word, s->bytes + offset, sizeof word);
	return word;
}

static uint32_t int_at(const struct structure *s, size_t offset)
{
	return (uint32_t)(offset % 8 ? word_at(s, offset - 4) >> 32 : word_at(s, offset));
}

/* ---- Patterns: what a field and its neighbours have ---- */

static bool has_text(const struct evidence *e, uintptr_t at, const char *text)
{
	char found[64] = "";
	size_t n = strlen(text) + 1;

	return n <= sizeof found && specimen_read(e->specimen, at, found, n) &&
	       !memcmp(found, text, n);
}

static bool is_platform(const struct evidence *e, size_t o)
{
	struct glibc_cpu_options options = {.hwcap2 = e->specimen->hwcap2};
	const char *name = glibc_cpu_platform(options.hwcap2, NULL);

	return has_text(e, word_at(&e->part[PART_RO], o), name ? name : "x86_64");
}

static bool is_auxv(const struct evidence *e, size_t o)
{
	Elf_Auxv first;

	return specimen_read(e->specimen, word_at(&e->part[PART_RO], o), &first, sizeof first) &&
	       first.a_type == AT_SYSINFO_EHDR && first.a_un.a_val == e->specimen->vdso;
}

static bool is_cpu_features(const struct evidence *e, size_t o)
{
	const struct structure *s = &e->part[PART_RO];

	return o + sizeof e->processor <= s->size &&
	       !memcmp(s->bytes + o, e->processor, sizeof e->processor);
}

/* Whether struct r_search_path_elem, a directory, is at the address: its fourth word is the name, its fifth
 * the length of that. */
static bool is_directory(const struct evidence *e, uintptr_t at)
{
	uintptr_t element[5];
	char name[2] = "", last = 1;

	return specimen_read(e->specimen, at, element, sizeof element) && element[4] > 1 &&
	       element[4] < 4096 && specimen_read(e->specimen, element[3], name, 1) &&
	       name[0] > ' ' && specimen_read(e->specimen, element[3] + element[4] - 1, &last, 1) &&
	       last == '/';
}

static bool is_directories(const struct evidence *e, size_t o)
{
	return is_directory(e, word_at(&e->part[PART_RO], o));
}

static bool is_all_directories(const struct evidence *e, size_t o)
{
	return is_directory(e, word_at(&e->part[PART_GLOBAL], o));
}

/* A function of ld-linux. */
static bool is_function(const struct evidence *e, size_t o)
{
	uintptr_t v = word_at(&e->part[PART_RO], o) - e->specimen->base;

	return dso_contains(&e->specimen->ldlinux->dso, v, 1, PF_X);
}

/* An idle recursive mutex. */
static bool is_mutex(const struct evidence *e, size_t o)
{
	const struct structure *s = &e->part[PART_GLOBAL];

	return o + MUTEX <= s->size && !word_at(s, o) && !word_at(s, o + 8) &&
	       word_at(s, o + 16) == 1 && !word_at(s, o + 24) && !word_at(s, o + 32);
}

/* _dl_nns, _dl_load_lock, _dl_load_write_lock, since 2.35 _dl_load_tls_lock, and _dl_load_adds, which has
 * counted the objects, follow one another. */
static bool is_nns(const struct evidence *e, size_t o)
{
	return word_at(&e->part[PART_GLOBAL], o) == 1 && is_mutex(e, o + 8) &&
	       is_mutex(e, o + 8 + MUTEX);
}

static bool is_load_lock(const struct evidence *e, size_t o)
{
	return o >= 8 && is_nns(e, o - 8);
}

static bool is_load_write_lock(const struct evidence *e, size_t o)
{
	return o >= MUTEX && is_load_lock(e, o - MUTEX);
}

static bool is_load_adds(const struct evidence *e, size_t o)
{
	return o >= MUTEX && word_at(&e->part[PART_GLOBAL], o) == e->specimen->nmaps &&
	       is_mutex(e, o - MUTEX);
}

static bool is_load_tls_lock(const struct evidence *e, size_t o)
{
	return is_mutex(e, o) && is_load_adds(e, o + MUTEX) && o >= MUTEX &&
	       is_load_write_lock(e, o - MUTEX);
}

/* struct dtv_slotinfo_list: its length, the next one, and for each module a generation and a link map. */
static bool is_slotinfo(const struct evidence *e, size_t o)
{
	uintptr_t list[6];

	return specimen_read(e->specimen, word_at(&e->part[PART_GLOBAL], o), list, sizeof list) &&
	       list[0] > EVIDENCE_NTLS && list[0] < 4096 && !list[1] &&
	       list[5] == e->specimen->maps->at;
}

static bool is_max_index(const struct evidence *e, size_t o)
{
	return word_at(&e->part[PART_GLOBAL], o) == EVIDENCE_NTLS && is_slotinfo(e, o + 8);
}

static bool is_stack_flags(const struct evidence *e, size_t o)
{
	return int_at(&e->part[PART_GLOBAL], o) == (PF_R | PF_W) && is_max_index(e, o + 8);
}

static bool is_stack_prot(const struct evidence *e, size_t o)
{
	return int_at(&e->part[PART_GLOBAL], o) == 3 && is_max_index(e, o + 8);
}

static bool is_count(const struct evidence *e, size_t o)
{
	return o >= 8 && word_at(&e->part[PART_GLOBAL], o) == EVIDENCE_NTLS &&
	       is_slotinfo(e, o - 8);
}

static size_t static_used(const struct evidence *e)
{
	return e->map[0][ROW(map.tls_offset)].value;
}

static bool is_used(const struct evidence *e, size_t o)
{
	return o >= 8 && word_at(&e->part[PART_GLOBAL], o) >= static_used(e) &&
	       word_at(&e->part[PART_GLOBAL], o) < static_used(e) + 256 && is_count(e, o - 8);
}

static bool is_generation(const struct evidence *e, size_t o)
{
	return o >= 8 && word_at(&e->part[PART_GLOBAL], o) <= 2 * EVIDENCE_NTLS + 2 &&
	       word_at(&e->part[PART_GLOBAL], o - 8) == e->field[ROW(global.initial_dtv)].value;
}

/* The size of what is below the thread pointer with the surplus, and of struct pthread. */
static bool is_static_size(const struct evidence *e, size_t o)
{
	const struct structure *s = &e->part[PART_RO];
	size_t size = word_at(s, o), pthread = e->part[PART_PTHREAD].size;
	size_t least = static_used(e) + EVIDENCE_SURPLUS + pthread;

	return size >= least && size < least + 256 && word_at(s, o + 16) == EVIDENCE_SURPLUS;
}

/* Lists of stacks: that of the first thread has one member, struct pthread's. */
static bool is_list_of_one(const struct evidence *e, size_t o)
{
	const struct structure *s = &e->part[PART_GLOBAL];
	uintptr_t member = word_at(s, o);

	return member - e->part[PART_PTHREAD].at < e->part[PART_PTHREAD].size &&
	       word_at(s, o + 8) == member && specimen_word(e->specimen, member) == s->at + o;
}

static bool is_empty_list(const struct evidence *e, size_t o)
{
	const struct structure *s = &e->part[PART_GLOBAL];

	return word_at(s, o) == s->at + o && word_at(s, o + 8) == s->at + o;
}

static bool is_stack_used(const struct evidence *e, size_t o)
{
	return is_empty_list(e, o) && is_list_of_one(e, o + 16);
}

static bool is_stack_cache(const struct evidence *e, size_t o)
{
	return o >= 16 && is_empty_list(e, o) && is_list_of_one(e, o - 16);
}

static bool is_member(const struct evidence *e, size_t o)
{
	uintptr_t head = word_at(&e->part[PART_PTHREAD], o) - e->part[PART_GLOBAL].at;

	return head < e->part[PART_GLOBAL].size && is_list_of_one(e, head);
}

/* specific[0] has the address of specific_1stblock. */
static bool is_specific(const struct evidence *e, size_t o)
{
	const struct structure *s = &e->part[PART_PTHREAD];
	uintptr_t block = word_at(s, o) - s->at;

	return o > 64 && block > 64 && block < o && o - block == 32 * 16 &&
	       word_at(s, o) != e->specimen->robust;
}

static bool is_first_block(const struct evidence *e, size_t o)
{
	return is_specific(e, o + 32 * 16);
}

/* Of each object, the entries of its dynamic section by their tags. */
static bool is_info(const struct evidence *e, size_t o)
{
	const struct specimen *s = e->specimen;

	for (size_t i = 0; i < s->nmaps; i++)
		for (intptr_t tag = DT_NEEDED; tag <= DT_JMPREL; tag++) {
			const struct specimen_map *m = &s->maps[i];
			uintptr_t where, value, found;

			if ((tag != DT_STRTAB && tag != DT_SYMTAB && tag != DT_STRSZ) ||
				!evidence_find_dynamic(e, m, tag, &where, &value))
				continue;
			if (o + 8 * (size_t)tag + 8 > SPECIMEN_MAP_SIZE)
				return false;
			memcpy(&found, m->bytes + o + 8 * tag, sizeof found);
			if (found != where)
				return false;
		}
	return true;
}

/* The name of each object, in a list of them. */
static bool is_libname(const struct evidence *e, size_t o)
{
	const struct specimen *s = e->specimen;

	for (size_t i = 0; i < s->nmaps; i++) {
		uintptr_t list;
		char first = 0;

		memcpy(&list, s->maps[i].bytes + o, sizeof list);
		if (!list || !specimen_read(s, specimen_word(s, list), &first, 1))
			return false;
	}
	return true;
}

/* The map of the program's libc.so.6, which is the program here: the first word is that. */
static bool is_libc_map(const struct evidence *e, size_t o)
{
	return o > 0 && word_at(&e->part[PART_NS], o) == e->specimen->maps->at;
}

/* No table, whose pointers would have to be relocated at every start. */
#define PATTERNS(X)                                                                                \
	X(ro.platform, is_platform)                                                                \
	X(ro.auxv, is_auxv)                                                                        \
	X(ro.cpu_features, is_cpu_features)                                                        \
	X(ro.tls_static_size, is_static_size)                                                      \
	X(ro.init_all_dirs, is_directories)                                                        \
	X(ro.debug_printf, is_function)                                                            \
	X(ro.lookup_symbol_x, is_function)                                                         \
	X(ro.open, is_function)                                                                    \
	X(ro.close, is_function)                                                                   \
	X(ro.catch_error, is_function)                                                             \
	X(ro.error_free, is_function)                                                              \
	X(ro.tls_get_addr_soft, is_function)                                                       \
	X(ro.libc_freeres, is_function)                                                            \
	X(ro.readonly_area, is_function)                                                           \
	X(global.nns, is_nns)                                                                      \
	X(global.load_lock, is_load_lock)                                                          \
	X(global.load_write_lock, is_load_write_lock)                                              \
	X(global.load_tls_lock, is_load_tls_lock)                                                  \
	X(global.load_adds, is_load_adds)                                                          \
	X(global.all_dirs, is_all_directories)                                                     \
	X(global.stack_flags, is_stack_flags)                                                      \
	X(global.stack_prot_flags, is_stack_prot)                                                  \
	X(global.tls_max_dtv_idx, is_max_index)                                                    \
	X(global.tls_dtv_slotinfo_list, is_slotinfo)                                               \
	X(global.tls_static_nelem, is_count)                                                       \
	X(global.tls_static_used, is_used)                                                         \
	X(global.tls_generation, is_generation)                                                    \
	X(global.stack_used, is_stack_used)                                                        \
	X(global.stack_user, is_list_of_one)                                                       \
	X(global.stack_cache, is_stack_cache)                                                      \
	X(ns.libc_map, is_libc_map)                                                                \
	X(pthread.list, is_member)                                                                 \
	X(pthread.specific, is_specific)                                                           \
	X(pthread.specific_1stblock, is_first_block)                                               \
	X(map.info, is_info)                                                                       \
	X(map.libname, is_libname)

bool evidence_has_pattern(size_t field)
{
#define CASE(member, fits) case ROW(member):
	switch (field) {
		PATTERNS(CASE)
		return true;
	}
#undef CASE
	return false;
}

bool evidence_fits_pattern(const struct evidence *e, size_t field, size_t offset)
{
	if (offset % sizeof(uint64_t) || offset >= e->part[evidence_part(field)].size)
		return false;
#define CASE(member, fits)                                                                         \
	case ROW(member): return fits(e, offset);
	switch (field) {
		PATTERNS(CASE)
	}
#undef CASE
	return false;
}
