/* candidate.c (x86_64): corrects a known layout; see candidate.h.
 *
 * The fields of a structure are in an order that does not change; what changes is that fields in between come
 * or go, by which all that follow move.  A field with a witness that allows one place only tells how far it
 * has moved, and so do both ends of a structure.  A field without one moved as far as the witnesses on both
 * sides, if these agree.  Everything else is a problem, and so is whatever contradicts.
 */
#include "libc/glibc/x86_64/candidate.h"

#include "base/format.h"
#include "base/mem.h"
#include "libc/glibc/glibc.h"
#include "libc/glibc/machine.h"
#include "libc/glibc/tunables.h"
#include "libc/glibc/x86_64/cpu.h"

#define PROCESSOR_ROOM 1024 /* larger than any struct cpu_features */
#define OLDEST                                                                                     \
	34 /* minor number of the first version whose layouts are compared: libpthread is in libc */

static void set_value(struct glibc_layout *l, size_t field, size_t value)
{
	uint16_t v = (uint16_t)value;

	memcpy((char *)l + field * sizeof v, &v, sizeof v);
}

static void __attribute__((format(printf, 3, 4)))
object(struct candidate *c, size_t field, const char *fmt, ...)
{
	const char *part = "", *name = "";
	va_list args;

	if (field < GLIBC_NFIELDS)
		name = glibc_field_name(field, &part);
	sink_put(&c->text, "%s%s%s%s%s", c->problems++ ? "; " : "", part, *part ? "." : "", name,
		*part ? " " : "");
	va_start(args, fmt);
	sink_args(&c->text, fmt, args);
	va_end(args);
}

/* ---- How far fields moved ---- */

/* A field in the order of the known layout; or an end of the structure, which has no number. */
struct place {
	size_t field;
	int known; /* its offset */
	bool fixed, told;
	int moved;
};

#define END_OF_PART GLIBC_NFIELDS

struct order {
	struct place place[GLIBC_NFIELDS + 2];
	size_t count;
};

static void insert(struct order *o, struct place p)
{
	size_t i = o->count++;

	for (; i > 0 && o->place[i - 1].known > p.known; i--)
		o->place[i] = o->place[i - 1];
	o->place[i] = p;
}

/* The only place that a field can have; false: there are several, or (*none) there is none. */
static bool only_place(const struct evidence *e, size_t field, int *offset, bool *none)
{
	size_t size = e->part[evidence_part(field)].size;
	unsigned count = 0;

	if (e->field[field].told == TOLD_OFFSET) {
		*offset = (int)e->field[field].value;
		return true;
	}
	for (size_t o = 0; o < size && count < 2; o++)
		if (evidence_allows(e, field, o)) {
			*offset = (int)o;
			count++;
		}
	*none = count == 0;
	return count == 1;
}

static void add_field(struct candidate *c, const struct evidence *e, struct order *o, size_t field)
{
	struct place p = {.field = field, .known = candidate_value(&c->known, field)};
	bool none = false;
	int offset = 0;

	if (p.known == GLIBC_NONE) {
		if (e->field[field].told == TOLD_OFFSET && e->field[field].value != GLIBC_NONE)
			object(c, field, "is in the structure (%s)", evidence_name(e, field));
		return;
	}
	p.told = evidence_has(e, field);
	p.fixed = p.told && only_place(e, field, &offset, &none);
	if (none)
		object(c, field, "has its %s nowhere", evidence_name(e, field));
	if (p.fixed && offset == GLIBC_NONE) {
		object(c, field, "is not there (%s)", evidence_name(e, field));
		return;
	}
	p.moved = offset - p.known;
	insert(o, p);
}

/* The ends are witnesses as well. */
static void add_ends(struct candidate *c, const struct evidence *e, enum part part, struct order *o)
{
	static const size_t sizes[] = {[PART_RO] = ROW(ro.size),
		[PART_GLOBAL] = ROW(global.size),
		[PART_MAP] = ROW(map.size),
		[PART_PTHREAD] = ROW(pthread.size)};
	size_t field = part == PART_NS ? 0 : sizes[part];

	insert(o, (struct place){END_OF_PART, -1, true, true, 0});
	if (!field)
		return;
	insert(o, (struct place){END_OF_PART, candidate_value(&c->known, field), true, true,
			  (int)e->field[field].value - candidate_value(&c->known, field)});
	set_value(&c->result, field, e->field[field].value);
	c->ground[field] = GROUND_WITNESS;
}

/* What this loader puts there libc.so.6 calls at once, and no value of ld-linux's is known. */
static bool needs_code(size_t field)
{
	return field == ROW(ro.dlfcn_hook) || field == ROW(ro.find_object);
}

static void place_field(
	struct candidate *c, const struct evidence *e, const struct order *o, size_t i)
{
	const struct place *p = &o->place[i], *before = p, *after = p, *end = o->place + o->count;

	if (p->field == END_OF_PART)
		return;
	if (!p->fixed && needs_code(p->field)) {
		object(c, p->field, "is not to be seen in libc.so.6's code");
		return;
	}
	while (!before->fixed)
		before--;
	while (after < end && !after->fixed)
		after++;
	if (after == end || before->moved != after->moved) {
		object(c, p->field, "has no witness, and its neighbours moved by %d and %d",
			before->moved, after == end ? 0 : after->moved);
		return;
	}
	if (!p->fixed && p->told &&
		!evidence_allows(e, p->field, (size_t)(p->known + before->moved)))
		object(c, p->field, "has its %s not where its neighbours say",
			evidence_name(e, p->field));
	set_value(&c->result, p->field, (size_t)(p->known + before->moved));
	c->ground[p->field] = p->fixed ? GROUND_WITNESS : GROUND_NEIGHBOURS;
}

/* Counts the moves; what follows in the known layout has to follow here. */
static void check_order(struct candidate *c, const struct order *o)
{
	const struct place *last = NULL;

	for (const struct place *p = o->place; p < o->place + o->count; p++) {
		if (!p->fixed)
			continue;
		c->moves += last && last->moved != p->moved;
		if (last && last->known < p->known &&
			last->known + last->moved >= p->known + p->moved)
			object(c, p->field, "is in another order");
		last = p;
	}
}

/* ---- Fields that the known layout does not have ---- */

static bool is_size(size_t field)
{
	return field == ROW(ro.size) || field == ROW(global.size) || field == ROW(map.size) ||
	       field == ROW(pthread.size);
}

/* How far the field moved that in another layout is the next before (step -1) or behind one that is absent
 * here; what is behind can be the end of the structure, and what is before its start. */
static int move_beside(
	const struct candidate *c, const struct glibc_layout *other, size_t absent, int step)
{
	int at = candidate_value(other, absent), best = -1, moved = 0;

	for (size_t f = 0; f < GLIBC_NFIELDS; f++) {
		int offset = candidate_value(other, f), known = candidate_value(&c->known, f);
		bool counts = evidence_is_offset(f) || (is_size(f) && step > 0);

		if (!counts || evidence_part(f) != evidence_part(absent) || offset == GLIBC_NONE ||
			known == GLIBC_NONE || (offset - at) * step <= 0)
			continue;
		if (best >= 0 && (offset - best) * step >= 0)
			continue;
		best = offset;
		moved = (int)candidate_value(&c->result, f) - known;
	}
	return moved;
}

/* A field that has a witness is absent if that allows no place.  Otherwise, where fields moved apart, one of
 * those may be that other layouts have there. */
static void check_absent(struct candidate *c, const struct evidence *e, size_t field)
{
	const struct glibc_layout_row *row;
	struct glibc_layout other;
	bool none = false;
	int offset;

	if (evidence_has(e, field) && only_place(e, field, &offset, &none) &&
		offset != GLIBC_NONE) {
		object(c, field, "is in the structure (%s)", evidence_name(e, field));
		return;
	}
	if (none)
		return;

	for (size_t i = 0; (row = glibc_layout_at(i)); i++) {
		if (row->minor < OLDEST)
			continue;
		glibc_read_layout(i, &other);
		if (candidate_value(&other, field) == GLIBC_NONE)
			continue;
		if (move_beside(c, &other, field, -1) != move_beside(c, &other, field, 1)) {
			object(c, field, "may be there, as in %s, and has no witness", row->name);
			return;
		}
	}
}

/* ---- The accesses of libc.so.6 ---- */

/* What libc.so.6 accesses of fields beside their first word, in all builds that are known: the words of a
 * mutex, of a list, and two that the table has no row for. */
static const struct {
	uint16_t field;
	uint8_t size;
} extents[] = {
	{ROW(global.load_lock), 40},
	{ROW(global.load_write_lock), 40},
	{ROW(global.load_tls_lock), 40},
	{ROW(global.load_adds), 24},
	{ROW(global.stack_used), 16},
	{ROW(global.stack_user), 16},
	{ROW(ro.dlfcn_hook), 24},
};

static size_t extent_of(const struct candidate *c, size_t field)
{
	if (field == ROW(ro.cpu_features))
		return c->result.cpu.size;
	if (field == ROW(global.stack_cache)) /* and all behind it that the known layout has */
		return c->known.global.size - c->known.global.stack_cache;
	for (size_t i = 0; i < COUNT(extents); i++)
		if (extents[i].field == field)
			return extents[i].size;
	return sizeof(uint64_t);
}

struct coverage {
	struct candidate *c;
	enum part part;
	int32_t outside;
};

/* Whether an access is to a field; the first structure of _rtld_global are the namespaces. */
static bool is_covered(void *data, int32_t offset)
{
	struct coverage *v = data;
	const struct glibc_layout *l = &v->c->result;

	if (v->part == PART_GLOBAL && offset >= 0 && offset < l->global.nns)
		return true;
	for (size_t f = 0; f < GLIBC_NFIELDS; f++) {
		int32_t at = candidate_value(l, f);

		if (evidence_part(f) == v->part && evidence_is_offset(f) && at != GLIBC_NONE &&
			offset >= at && offset < at + (int32_t)extent_of(v->c, f))
			return true;
	}
	v->outside = offset;
	return false;
}

static void check_accesses(struct candidate *c, const struct evidence *e, enum part part)
{
	struct coverage v = {c, part, -1};

	if (!evidence_each_access(e, part, is_covered, &v))
		object(c, GLIBC_NFIELDS, "libc.so.6 accesses %s+%d, where no known field is",
			part == PART_RO ? "_rtld_global_ro" : "_rtld_global", v.outside);
}

/* ---- cpu_features ---- */

/* What this loader would put there. */
static void fill(
	struct evidence *e, struct glibc_build *b, const struct glibc_layout *l, unsigned char *to)
{
	struct glibc_cpu_options o = {.hwcap2 = e->specimen->hwcap2, .xsave = true};

	b->layout = *l;
	glibc.build = b;
	glibc.layout = &b->layout;
	glibc_cpu_read_tunables(&o);
	glibc_fill_cpu(b, to, &o);
}

/* The first byte that differs; the size if none does.  In CPUID's leaf 1 EBX has the number of the core that
 * executed it (Intel SDM 2A, "CPUID"). */
static size_t unlike(const struct glibc_layout *l, const unsigned char *a, const unsigned char *b)
{
	size_t i = 0;

	while (i < l->cpu.size &&
		(a[i] == b[i] || (i >= l->cpu.features + 4u && i < l->cpu.features + 8u)))
		i++;
	return i;
}

static void check_processor(
	struct candidate *c, struct evidence *e, struct glibc_build *b, unsigned char *filled)
{
	const struct structure *ro = &e->part[PART_RO];
	struct glibc_layout *l = &c->result;
	const uint16_t rules[] = {(uint16_t)(200 + b->minor), c->known.rules.cpu};
	size_t at = 0;

	if (l->ro.cpu_features + l->cpu.size > ro->size) {
		object(c, ROW(ro.cpu_features), "is outside of the structure");
		return;
	}
	for (size_t i = 0; i < COUNT(rules) && at < l->cpu.size; i++) {
		l->rules.cpu = rules[i];
		memset(filled, 0, PROCESSOR_ROOM);
		fill(e, b, l, filled);
		at = unlike(l, filled, ro->bytes + l->ro.cpu_features);
	}
	if (at < l->cpu.size)
		object(c, ROW(ro.cpu_features),
			"has another byte at %zu than this loader would put there", at);
	c->ground[ROW(rules.cpu)] = c->ground[ROW(rules.preferred_order)] = GROUND_WITNESS;
	for (size_t f = ROW(cpu); f < ROW(rules); f++)
		c->ground[f] = GROUND_WITNESS;
}

/* cpu_features ends where it does in the known layout, if what follows moved as far. */
static void check_processor_end(struct candidate *c)
{
	uint16_t at = c->known.ro.cpu_features;
	size_t next = ROW(ro.size);

	for (size_t f = ROW(ro); f < ROW(global); f++) {
		uint16_t known = candidate_value(&c->known, f);

		if (known != GLIBC_NONE && known > at && known < candidate_value(&c->known, next))
			next = f;
	}
	if (candidate_value(&c->result, next) - c->result.ro.cpu_features !=
		candidate_value(&c->known, next) - at)
		object(c, ROW(cpu.size), "has no witness: what follows cpu_features moved");
}

/* ---- Link maps ---- */

static void check_info(struct candidate *c, const struct evidence *e)
{
	static const struct {
		uint16_t field;
		intptr_t tag;
	} rows[] = {
		{ROW(map.info_gnu_hash), DT_GNU_HASH},
		{ROW(map.info_versym), DT_VERSYM},
		{ROW(map.info_verneed), DT_VERNEED},
		{ROW(map.info_verdef), DT_VERDEF},
		{ROW(map.info_flags_1), DT_FLAGS_1},
	};
	const struct glibc_layout *l = &c->result;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint16_t index = evidence_info_index(e, l->map.info, rows[i].tag);

		/* Those of versions are in the order of their tags. */
		if (index == GLIBC_NONE && rows[i].field == ROW(map.info_flags_1))
			index = (uint16_t)(l->map.info_versym - (DT_FLAGS_1 - DT_VERSYM));
		if (index == GLIBC_NONE)
			object(c, rows[i].field, "is not to be seen in the link maps");
		set_value(&c->result, rows[i].field, index);
		c->ground[rows[i].field] = GROUND_WITNESS;
	}
	/* What follows the array follows it at once. */
	if ((c->known.map.phdr - c->known.map.info) / 8 != c->known.map.info_count)
		object(c, ROW(map.info_count), "is not what precedes map.phdr in the known layout");
	set_value(&c->result, ROW(map.info_count), (size_t)(l->map.phdr - l->map.info) / 8);
	c->ground[ROW(map.info_count)] = GROUND_WITNESS;
}

static void check_contiguous(struct candidate *c, const struct evidence *e)
{
	const struct expectation *x = &e->field[ROW(map.contiguous_bit)];
	const struct glibc_layout *l = &c->result;

	if (x->told != TOLD_OFFSET || x->value / 8 <= l->map.direct_opencount ||
		x->value / 8 >= l->map.map_start) {
		object(c, ROW(map.contiguous_bit),
			"has no witness: the code of _dl_find_dso_for_object is another");
		return;
	}
	set_value(&c->result, ROW(map.contiguous_bit), x->value);
	c->ground[ROW(map.contiguous_bit)] = GROUND_WITNESS;
}

/* ---- Rules ---- */

/* What the layouts of the nearest versions from `minor` on, in steps of -1 or 1, say: GLIBC_NFIELDS if there
 * are none; -1 if they differ. */
static long rule_of(size_t field, unsigned minor, int step)
{
	const struct glibc_layout_row *row;
	struct glibc_layout l;
	long value = (long)GLIBC_NFIELDS << 16;

	for (unsigned m = minor; m > 0 && m < 200; m += (unsigned)step) {
		bool found = false;

		for (size_t i = 0; (row = glibc_layout_at(i)); i++) {
			if (row->minor != m)
				continue;
			glibc_read_layout(i, &l);
			if (found && value != candidate_value(&l, field))
				return -1;
			value = candidate_value(&l, field);
			found = true;
		}
		if (found)
			break;
	}
	return value;
}

static void set_rule(struct candidate *c, const struct evidence *e, unsigned minor, size_t field)
{
	const long none = (long)GLIBC_NFIELDS << 16;
	long before = rule_of(field, minor, -1), after = rule_of(field, minor, 1);

	if (e->field[field].told == TOLD_OFFSET) {
		set_value(&c->result, field, e->field[field].value);
		c->ground[field] = GROUND_WITNESS;
		return;
	}
	if (before == none || before < 0 || (after != none && before != after))
		object(c, field, "has no witness, and the versions beside this one differ in it");
	set_value(&c->result, field, (size_t)before);
	c->ground[field] = after == none ? GROUND_NEWEST : GROUND_VERSION;
}

/* ---- The whole ---- */

static void correct_part(struct candidate *c, const struct evidence *e, enum part part)
{
	struct order *o = arena_alloc(&e->ld->scratch, sizeof *o);

	if (!o) {
		object(c, GLIBC_NFIELDS, "no memory");
		return;
	}
	add_ends(c, e, part, o);
	for (size_t f = 0; f < GLIBC_NFIELDS; f++)
		if (evidence_part(f) == part && evidence_is_offset(f))
			add_field(c, e, o, f);
	for (size_t i = 0; i < o->count; i++)
		place_field(c, e, o, i);
	check_order(c, o);
}

void candidate_correct(
	struct candidate *c, size_t layout, struct evidence *e, struct glibc_build *b)
{
	struct arena_mark mark = arena_mark(&e->ld->scratch);
	unsigned char *filled = arena_alloc(&e->ld->scratch, PROCESSOR_ROOM);

	*c = (struct candidate){.layout = layout};
	c->text = sink_buffer(c->room, sizeof c->room);
	glibc_read_layout(layout, &c->known);
	c->result = c->known;
	if (!filled || c->known.cpu.kind != 0 || c->known.cpu.size > PROCESSOR_ROOM) {
		object(c, ROW(cpu.kind), "is elsewhere");
		return;
	}
	fill(e, b, &c->known, filled);
	memcpy(e->processor, filled, sizeof e->processor);
	for (size_t f = ROW(rules) + 1; f < GLIBC_NFIELDS;
		f++) /* check_processor() sets rules.cpu */
		set_rule(c, e, b->minor, f);
	for (unsigned part = 0; part < PART_CPU; part++)
		correct_part(c, e, (enum part)part);
	if (!c->problems) {
		check_info(c, e);
		check_contiguous(c, e);
		check_processor(c, e, b, filled);
		check_processor_end(c);
		check_accesses(c, e, PART_RO);
		check_accesses(c, e, PART_GLOBAL);
	}
	for (size_t f = 0; f < GLIBC_NFIELDS && !c->problems; f++)
		if (candidate_value(&c->known, f) == GLIBC_NONE && f < ROW(rules))
			check_absent(c, e, f);
	sink_end(&c->text, sizeof c->room);
	arena_release(&e->ld->scratch, mark);
}
