/* evidence.c (x86_64): the witnesses of each field; see evidence.h. */
#include "libc/glibc/x86_64/learn/evidence.h"

#include "base/mem.h"
#include "libc/glibc/machine.h"
#include "libc/glibc/symfile.h"
#include "libc/glibc/x86_64/cpu.h"
#include "symbol/symbol.h"

#define AUDITORS   16
#define RSEQ_LEAST 20

static void tell(struct evidence *e, size_t field, unsigned size, uint64_t value)
{
	e->field[field] = (struct expectation){TOLD_VALUE, (uint8_t)size, value, "value"};
}

static void tell_offset(struct evidence *e, size_t field, uint64_t offset, const char *by)
{
	e->field[field] = (struct expectation){TOLD_OFFSET, 0, offset, by};
}

/* ---- Structures ---- */

static bool read_structure(
	struct evidence *e, enum part part, uintptr_t at, size_t size, const char *name)
{
	unsigned char *bytes = arena_alloc(&e->ld->scratch, size);

	if (!at || !bytes || !specimen_read(e->specimen, at, bytes, size)) {
		fail(e->ld, "%s: %s cannot be read", e->libc->path, name);
		return false;
	}
	e->part[part] = (struct structure){at, size, bytes};
	return true;
}

/* Behind struct link_map, in one block of memory, ld.so has a word for each of two auditors' cookies, which are as
 * many as can be for the objects of which it does not know yet whether there are auditors, then a pointer, and
 * then the first name of the object. */
static size_t size_of_map(const struct evidence *e)
{
	size_t libname = 56, size = 0; /* the offset in all versions */

	for (size_t i = 0; i < e->specimen->nmaps; i++) {
		const struct specimen_map *m = &e->specimen->maps[i];
		uintptr_t names;

		memcpy(&names, m->bytes + libname, sizeof names);
		if (m->dso.base == e->specimen->base)
			continue;
		names -= m->at + sizeof(uintptr_t);
		if (m->is_program || m->is_vdso)
			names -= AUDITORS * 2 * sizeof(uintptr_t);
		if (names > SPECIMEN_MAP_SIZE || (size && size != names))
			return 0;
		size = names;
	}
	return size;
}

/* What libc.so.6 says for debuggers: a size, or an offset.  0: nothing. */
static uint32_t description(const struct symfile *f, const char *name)
{
	const Elf_Sym *s = symfile_find(f, name);
	uint32_t words[3];

	if (!s || (s->st_size != sizeof words && s->st_size != sizeof *words) ||
		!symfile_read(f, s->st_value, words, s->st_size))
		return 0;
	return words[s->st_size / sizeof *words - 1];
}

static int read_descriptions(struct evidence *e)
{
	struct symfile f;
	size_t size;

	if (symfile_open(e->ld, &f, e->libc->path) < 0)
		return -1;
	size = description(&f, "_thread_db_sizeof_pthread");
	tell_offset(e, ROW(pthread.size), size, "_thread_db_sizeof_pthread");
	tell_offset(e, ROW(pthread.report_events),
		description(&f, "_thread_db_pthread_report_events"),
		"_thread_db_pthread_report_events");
	tell_offset(e, ROW(pthread.tid), description(&f, "_thread_db_pthread_tid"),
		"_thread_db_pthread_tid");
	symfile_close(&f);
	if (!size || size > 8192)
		return fail(e->ld, "%s: no _thread_db_sizeof_pthread", e->libc->path);
	return read_structure(e, PART_PTHREAD, e->specimen->thread_pointer, size, "struct pthread")
		       ? 0
		       : -1;
}

static int read_structures(struct evidence *e)
{
	const struct specimen *s = e->specimen;
	size_t ro_size = 0, size = 0;
	uintptr_t ro = specimen_symbol(e->ld, s, "_rtld_global_ro", &ro_size);
	uintptr_t global = specimen_symbol(e->ld, s, "_rtld_global", &size);

	if (!read_structure(e, PART_RO, ro, ro_size, "_rtld_global_ro") ||
		!read_structure(e, PART_GLOBAL, global, size, "_rtld_global"))
		return -1;
	e->part[PART_NS] = e->part[PART_GLOBAL]; /* it begins with the namespaces */
	e->part[PART_MAP] = (struct structure){s->maps->at, size_of_map(e), s->maps->bytes};
	if (!e->part[PART_MAP].size)
		return fail(
			e->ld, "%s: the size of its link maps is not to be seen", e->libc->path);
	tell_offset(e, ROW(ro.size), ro_size, "size of the symbol");
	tell_offset(e, ROW(global.size), size, "size of the symbol");
	tell_offset(e, ROW(map.size), e->part[PART_MAP].size, "names behind it");
	return read_descriptions(e);
}

/* ---- Values of the process ---- */

static void tell_vdso(struct evidence *e)
{
	static const struct {
		char name[24];
		uint16_t field;
	} functions[] = {
		{MACHINE_VDSO "clock_gettime", ROW(ro.vdso_clock_gettime64)},
		{MACHINE_VDSO "gettimeofday", ROW(ro.vdso_gettimeofday)},
		{MACHINE_VDSO "time", ROW(ro.vdso_time)},
		{MACHINE_VDSO "getcpu", ROW(ro.vdso_getcpu)},
		{MACHINE_VDSO "clock_getres", ROW(ro.vdso_clock_getres_time64)},
		{MACHINE_VDSO "getrandom", ROW(ro.vdso_getrandom)},
	};
	const struct specimen *s = e->specimen;

	/* The kernel gives every process the same vDSO. */
	for (size_t i = 0; i < COUNT(functions); i++) {
		uintptr_t f = glibc_vdso_function(e->ld, functions[i].name);

		if (f)
			tell(e, functions[i].field, 8, f - e->ld->vdso->base + s->vdso);
	}
	tell(e, ROW(ro.sysinfo_dso), 8, s->vdso);
	for (size_t i = 0; i < s->nmaps; i++)
		if (s->maps[i].is_vdso)
			tell(e, ROW(ro.sysinfo_map), 8, s->maps[i].at);
}

static void tell_process(struct evidence *e)
{
	const struct specimen *s = e->specimen;
	uintptr_t stack_end = specimen_symbol(e->ld, s, "__libc_stack_end", NULL);
	uintptr_t mcount = specimen_symbol(e->ld, s, "_dl_mcount", NULL);

	tell(e, ROW(ro.pagesize), 8, s->page);
	tell(e, ROW(ro.minsigstacksize), 8, s->frame);
	tell(e, ROW(ro.clktck), 4, s->clktck);
	tell(e, ROW(ro.fpu_control), 4, MACHINE_FPU_CONTROL);
	tell(e, ROW(ro.hwcap2), 8, s->hwcap2);
	tell(e, ROW(ro.mcount), 8, mcount);
	tell(e, ROW(ns.ns_loaded), 8, s->maps->at);
	tell(e, ROW(ns.ns_nloaded), 4, s->nmaps);
	tell(e, ROW(pthread.stackblock_size), 8, specimen_word(s, stack_end));
	tell(e, ROW(pthread.robust_prev), 8, s->robust);
	tell_offset(e, ROW(rules.tcb_pointer_guard),
		specimen_word(s, s->thread_pointer + MACHINE_TCB_POINTER_GUARD) != 0, "the TCB");
	tell_vdso(e);
}

/* The arguments of system calls. */
static void tell_calls(struct evidence *e)
{
	const struct specimen *s = e->specimen;
	uintptr_t pthread = s->thread_pointer, at = specimen_symbol(e->ld, s, "__rseq_size", NULL);
	uint64_t rseq_size = at ? (uint32_t)specimen_word(s, at) : GLIBC_NONE;
	bool inside = s->rseq - pthread < e->part[PART_PTHREAD].size;

	/* Since 2.43 what the kernel clears at a thread's end is another word than its id. */
	tell_offset(e, ROW(pthread.joinstate),
		s->tid - pthread == e->field[ROW(pthread.tid)].value ? GLIBC_NONE
								     : s->tid - pthread,
		"set_tid_address(2)");
	tell_offset(e, ROW(pthread.robust_head), s->robust - pthread, "set_robust_list(2)");
	tell_offset(e, ROW(pthread.rseq_area), inside ? s->rseq - pthread : GLIBC_NONE, "rseq(2)");
	/* Outside of struct pthread, it is as many bytes as the kernel has features, and at least 20. */
	if (at && !inside && rseq_size == s->rseq_features)
		rseq_size = RSEQ_LEAST;
	tell_offset(e, ROW(rules.rseq_size), rseq_size, "__rseq_size");
	tell_offset(e, ROW(rules.fstat_empty_path), s->fstat_by_path, "newfstatat(2)");
	tell_offset(e, ROW(rules.renews_random), s->renews_random, "getrandom(2)");
}

/* Static TLS: libc's block is the only one. */
static void tell_tls(struct evidence *e)
{
	const struct specimen *s = e->specimen;
	uintptr_t dtv = specimen_word(s, s->thread_pointer + MACHINE_DTV);
	size_t used = s->thread_pointer - specimen_word(s, dtv + 16), align = 64;

	tell(e, ROW(global.initial_dtv), 8, dtv);
	tell(e, ROW(ro.tls_static_surplus), 8, EVIDENCE_SURPLUS);
	tell(e, ROW(ro.tls_static_align), 8, align);
	for (size_t i = 0; i < s->nmaps; i++)
		if (s->maps[i].is_program)
			e->map[i][ROW(map.tls_offset)] =
				(struct expectation){TOLD_VALUE, 8, used, "value"};
}

/* ---- Values of the objects ---- */

static void tell_map(struct expectation *to, size_t field, unsigned size, uint64_t value)
{
	to[field] = (struct expectation){TOLD_VALUE, (uint8_t)size, value, "value"};
}

bool evidence_find_dynamic(const struct evidence *e, const struct specimen_map *m, intptr_t tag,
	uintptr_t *where, uintptr_t *value)
{
	uintptr_t at = (uintptr_t)m->head.l_ld;
	Elf_Dyn d;

	for (size_t i = 0;
		i < 128 && specimen_read(e->specimen, at, &d, sizeof d) && d.d_tag != DT_NULL;
		i++, at += sizeof d)
		if (d.d_tag == tag) {
			*where = at;
			*value = d.d_un.d_val;
			return true;
		}
	return false;
}

static void tell_hash(struct evidence *e, const struct specimen_map *m, struct expectation *to)
{
	uint32_t head[4]; /* buckets, first symbol, words of the filter, shift */
	uintptr_t where, at;

	if (!evidence_find_dynamic(e, m, DT_GNU_HASH, &where, &at))
		return;
	if (at < m->dso.base)
		at += m->dso.base;
	if (!specimen_read(e->specimen, at, head, sizeof head))
		return;
	at += sizeof head;
	tell_map(to, ROW(map.nbuckets), 4, head[0]);
	tell_map(to, ROW(map.gnu_bitmask_idxbits), 4, head[2] - 1);
	tell_map(to, ROW(map.gnu_shift), 4, head[3]);
	tell_map(to, ROW(map.gnu_bitmask), 8, at);
	at += head[2] * sizeof(uintptr_t);
	tell_map(to, ROW(map.gnu_buckets), 8, at);
	at += head[0] * sizeof(uint32_t);
	tell_map(to, ROW(map.gnu_chain_zero), 8, at - head[1] * sizeof(uint32_t));
}

static void tell_segment(
	struct evidence *e, const struct specimen_map *m, const Elf_Phdr *p, struct expectation *to)
{
	uintptr_t mask = e->specimen->page - 1, at = m->dso.base + p->p_vaddr;

	if (p->p_type == PT_LOAD && !p->p_offset)
		tell_map(to, ROW(map.map_start), 8, at & ~mask);
	if (p->p_type == PT_LOAD)
		tell_map(to, ROW(map.map_end), 8, at + p->p_memsz);
	if (p->p_type == PT_LOAD && p->p_flags & PF_X) /* of the program not the page's end */
		tell_map(to, ROW(map.text_end), 8,
			m->is_program ? at + p->p_memsz : (at + p->p_filesz + mask) & ~mask);
	if (p->p_type == PT_GNU_RELRO) {
		tell_map(to, ROW(map.relro_addr), 8, p->p_vaddr);
		tell_map(to, ROW(map.relro_size), 8, p->p_memsz);
	}
	if (p->p_type == PT_TLS) {
		tell_map(to, ROW(map.tls_initimage), 8, at);
		tell_map(to, ROW(map.tls_initimage_size), 8, p->p_filesz);
		tell_map(to, ROW(map.tls_blocksize), 8, p->p_memsz);
		tell_map(to, ROW(map.tls_align), 8, p->p_align);
		tell_map(to, ROW(map.tls_firstbyte_offset), 8, p->p_vaddr & (p->p_align - 1));
	}
}

static void tell_objects(struct evidence *e)
{
	const struct specimen *s = e->specimen;

	for (size_t i = 0; i < s->nmaps; i++) {
		const struct specimen_map *m = &s->maps[i];
		struct expectation *to = e->map[i];

		tell_map(to, ROW(map.real), 8, m->at);
		if (m->is_vdso || m->dso.base == s->base)
			continue; /* mapped by the kernel */
		tell_map(to, ROW(map.phdr), 8, m->dso.start);
		tell_map(to, ROW(map.phnum), 2, m->dso.phnum);
		if (m->is_program) {
			tell_map(to, ROW(map.entry), 8, m->dso.entry);
			tell_map(to, ROW(map.direct_opencount), 4, 1);
		}
		tell_map(to, ROW(map.tls_modid), 8, m->is_program ? EVIDENCE_NTLS : 0);
		tell_hash(e, m, to);
		for (const Elf_Phdr *p = m->dso.phdr; p < m->dso.phdr + m->dso.phnum; p++)
			tell_segment(e, m, p, to);
	}
}

/* ---- Questions ---- */

enum part evidence_part(size_t field)
{
	static const uint16_t end[] = {
		ROW(global), ROW(ns), ROW(map), ROW(pthread), ROW(cpu), ROW(rules)};
	unsigned part = 0;

	while (part < PARTS && field >= end[part])
		part++;
	return (enum part)part;
}

bool evidence_is_offset(size_t field)
{
	switch (field) {
	case ROW(ro.size):
	case ROW(global.size):
	case ROW(map.size):
	case ROW(pthread.size):
	case ROW(cpu.size):
	case ROW(map.contiguous_bit):
	case ROW(map.info_count):
	case ROW(map.info_gnu_hash):
	case ROW(map.info_versym):
	case ROW(map.info_verneed):
	case ROW(map.info_verdef):
	case ROW(map.info_flags_1):
	case ROW(cpu.features_count):
	case ROW(cpu.features_stride):
	case ROW(cpu.preferred_count): return false;
	}
	return field < ROW(rules);
}

static bool has_value(
	const struct expectation *x, const unsigned char *bytes, size_t size, size_t offset)
{
	return offset % x->size == 0 && offset + x->size <= size &&
	       !memcmp(bytes + offset, &x->value, x->size);
}

static bool all_maps_allow(const struct evidence *e, size_t field, size_t offset)
{
	for (size_t i = 0; i < e->specimen->nmaps; i++) {
		const struct expectation *x = &e->map[i][field];

		if (x->told == TOLD_VALUE &&
			!has_value(x, e->specimen->maps[i].bytes, e->part[PART_MAP].size, offset))
			return false;
	}
	return true;
}

static bool maps_tell(const struct evidence *e, size_t field)
{
	for (size_t i = 0; i < e->specimen->nmaps; i++)
		if (e->map[i][field].told)
			return true;
	return false;
}

bool evidence_has(const struct evidence *e, size_t field)
{
	return e->field[field].told || evidence_has_pattern(field) || maps_tell(e, field);
}

bool evidence_allows(const struct evidence *e, size_t field, size_t offset)
{
	const struct expectation *x = &e->field[field];
	const struct structure *s = &e->part[evidence_part(field)];

	if (evidence_has_pattern(field))
		return evidence_fits_pattern(e, field, offset);
	if (x->told == TOLD_OFFSET)
		return offset == x->value;
	if (x->told == TOLD_VALUE)
		return has_value(x, s->bytes, s->size, offset);
	return all_maps_allow(e, field, offset);
}

const char *evidence_name(const struct evidence *e, size_t field)
{
	return e->field[field].told == TOLD_OFFSET ? e->field[field].by : "value";
}

/* Whether the word of each object's array is the address of its entry with the tag, if it has one. */
static bool is_entry(const struct evidence *e, size_t offset, intptr_t tag, bool *any)
{
	const struct specimen *s = e->specimen;

	for (size_t i = 0; i < s->nmaps; i++) {
		uintptr_t where, value, found;

		if (!evidence_find_dynamic(e, &s->maps[i], tag, &where, &value))
			continue;
		memcpy(&found, s->maps[i].bytes + offset, sizeof found);
		if (found != where)
			return false;
		*any = true;
	}
	return true;
}

uint16_t evidence_info_index(const struct evidence *e, size_t info, intptr_t tag)
{
	uint16_t found = GLIBC_NONE;

	for (size_t i = 0; info + 8 * i + 8 <= e->part[PART_MAP].size; i++) {
		bool any = false;

		if (!is_entry(e, info + 8 * i, tag, &any) || !any)
			continue;
		if (found != GLIBC_NONE)
			return GLIBC_NONE;
		found = (uint16_t)i;
	}
	return found;
}

/* ---- All of it ---- */

/* There are 16 namespaces in front of _dl_nns. */
static void limit_namespace(struct evidence *e)
{
	for (size_t o = 0; o < e->part[PART_GLOBAL].size; o += 8)
		if (evidence_fits_pattern(e, ROW(global.nns), o)) {
			e->part[PART_NS].size = o / 16;
			return;
		}
}

int evidence_collect(struct evidence *e, const struct dso *libc)
{
	e->libc = libc;
	if (read_structures(e) < 0)
		return -1;
	tell_process(e);
	tell_calls(e);
	tell_objects(e);
	tell_tls(e);
	limit_namespace(e);
	evidence_read_code(e);
	return 0;
}
