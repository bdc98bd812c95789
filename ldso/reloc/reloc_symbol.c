/* reloc_symbol.c: finds the definition of a relocation's symbol. */
#include "reloc/job.h"
#include "reloc/protected.h"
#include "state/libc.h"
#include "state/words.h"

static const struct version *wanted_version(const struct dso *d, uint32_t index)
{
	const struct symtab *s = &d->symtab;
	unsigned v = s->versym ? s->versym[index] & VERSYM_INDEX : 0;

	return v < s->nversions && s->versions[v].name ? &s->versions[v] : NULL;
}

static void log_binding(struct loader *ld, const struct dso *d, const char *name,
	const struct def *def, const struct version *v)
{
	debug(ld, DEBUG_BINDINGS, "binding file %s [%ld] to %s [%ld]: normal symbol `%s'%s%s%s",
		d->path, d->ns->id, def->dso->path, def->dso->ns->id, name, v ? " [" : "",
		v ? v->name : "", v ? "]" : "");
}

/* The symbol table entry of a relocation's symbol.  NULL: index or name out of range (reported). */
static const Elf_Sym *symbol_entry(struct loader *ld, const struct dso *d, uint32_t index)
{
	const struct symtab *s = &d->symtab;

	if (!s->sym)
		fail(ld, "%s: relocation: symbol index %u, and no DT_SYMTAB", d->path, index);
	else if (index >= s->limit)
		fail(ld, "%s: relocation: symbol index %u, expected less than %zu", d->path, index,
			s->limit);
	else if (s->sym[index].st_name >= s->str_size)
		fail(ld, "%s: symbol %u: st_name 0x%x, expected less than DT_STRSZ 0x%zx", d->path,
			index, s->sym[index].st_name, s->str_size);
	else
		return &s->sym[index];
	return NULL;
}

/* The address of d's own function by which pointers to it are compared: that of the program's PLT
 * entry, if the program has one and the function is the one that is called by it. */
static struct def function_pointer(
	struct loader *ld, struct dso *d, uint32_t index, const struct version *v, struct def own)
{
	struct wanted w = symbol_wanted_by(ld, d, index, v);
	struct def pointer, called;

	if (symbol_find(ld, d, &w, &pointer) != LOOKUP_FOUND || pointer.sym->st_shndx != SHN_UNDEF)
		return own;
	w = symbol_wanted_by(ld, d, index, v);
	w.function = true;
	return symbol_find(ld, d, &w, &called) == LOOKUP_FOUND && called.dso == d ? pointer : own;
}

enum bound reloc_find(
	struct loader *ld, struct dso *d, uint32_t index, enum reloc_way way, struct def *def)
{
	const Elf_Sym *sym = symbol_entry(ld, d, index);
	const struct version *v;
	struct wanted w;

	if (!sym)
		return BROKEN;
	v = ld->abi->match_versions ? wanted_version(d, index) : NULL;
	if (way != RELOC_COPY && protected_is_local(ld, sym)) {
		*def = (struct def){d, sym};
		if (way == RELOC_DATA && protected_has_pointer(ld, d, sym))
			*def = function_pointer(ld, d, index, v, *def);
		return BOUND;
	}
	w = symbol_wanted_by(ld, d, index, v);
	w.function = way == RELOC_FUNCTION;
	w.skip = way == RELOC_COPY ? d : NULL;
	switch (symbol_find(ld, d, &w, def)) {
	case LOOKUP_FOUND:
		log_binding(ld, d, w.name, def, v);
		if (protected_check(ld, d, sym, way, def) < 0)
			return BROKEN;
		return symbol_add_dependency(ld, d, def) < 0 ? BROKEN : BOUND;
	case LOOKUP_FAILED: return BROKEN;
	case LOOKUP_ABSENT: break;
	}
	return ELF_ST_BIND(sym->st_info) == STB_WEAK ? BOUND_NULL : UNDEFINED;
}

enum bound reloc_symbol(
	struct loader *ld, struct dso *d, uint32_t index, enum reloc_way way, struct def *def)
{
	enum bound bound = reloc_find(ld, d, index, way, def);

	if (bound == UNDEFINED)
		fail_undefined(ld, d, d->symtab.str + d->symtab.sym[index].st_name,
			ld->abi->match_versions ? wanted_version(d, index) : NULL);
	return bound;
}

static enum reloc_way way_of(uint32_t type)
{
	return type == ARCH_R_COPY        ? RELOC_COPY
	       : type == ARCH_R_JUMP_SLOT ? RELOC_FUNCTION
					  : RELOC_DATA;
}

static enum bound look_up(struct job *j, const struct reloc *r, enum reloc_way way)
{
	return (j->quiet ? reloc_find : reloc_symbol)(j->ld, j->d, r->symbol, way, &j->def);
}

/* Linkers sort relocations by symbol, so only the result for the last one is kept. */
enum bound job_resolve(struct job *j, const struct reloc *r)
{
	const struct bindings *b = j->ld->bindings;
	enum reloc_way way = way_of(r->type);
	uint32_t key = binding_key(r->symbol, way);

	if (r->symbol > BINDING_KEYS) {
		j->key = 0; /* out of range: look_up() reports it */
		return j->bound = look_up(j, r, way);
	}
	if (key == j->key)
		return j->bound;
	j->key = key;
	if (b && b->take && b->take(j->ld, j->d, key, &j->def))
		return j->bound = j->def.dso ? BOUND : BOUND_NULL;
	j->bound = look_up(j, r, way);
	if (j->bound == BOUND_NULL)
		j->def = (struct def){0};
	if (b && b->record && (j->bound == BOUND || j->bound == BOUND_NULL))
		b->record(j->ld, j->d, key, &j->def);
	return j->bound;
}

bool reloc_is_ifunc(const struct def *def)
{
	return ELF_ST_TYPE(def->sym->st_info) == STT_GNU_IFUNC && def->sym->st_shndx != SHN_UNDEF;
}

bool reloc_is_resolvable(struct loader *ld, const struct def *def)
{
	return !reloc_is_ifunc(def) || symbol_overridden(ld, def) ||
	       dso_contains(def->dso, def->sym->st_value, 1, PF_X);
}

int reloc_check_resolver(struct loader *ld, const struct def *def)
{
	if (reloc_is_resolvable(ld, def))
		return 0;
	return fail(ld, "%s: symbol %s: resolver 0x%jx: not in an executable segment",
		def->dso->path, def->dso->symtab.str + def->sym->st_name,
		(uint64_t)def->sym->st_value);
}

bool reloc_is_by_cpu(struct loader *ld, const struct def *def)
{
	return reloc_is_ifunc(def) && !symbol_overridden(ld, def) && ld->abi->ifuncs_by_cpu &&
	       ld->abi->ifuncs_by_cpu(def->dso);
}
