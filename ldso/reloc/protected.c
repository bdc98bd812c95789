/* protected.c: references to protected symbols (gABI, "Symbol Table": st_other).
 *
 * A protected symbol binds within its object.  But a program that is not position-independent may have
 * been linked to refer to it directly: it has a copy of a variable, or the address of a function is that
 * of its own PLT entry, the canonical one, by which everybody compares pointers.
 */
#include "object/property.h"
#include "reloc/job.h"
#include "search/trace.h"
#include "state/libc.h"

static bool is_undefined(const Elf_Sym *sym)
{
	return sym->st_shndx == SHN_UNDEF;
}

bool protected_is_local(const struct loader *ld, const Elf_Sym *sym)
{
	unsigned visibility = ELF_ST_VISIBILITY(sym->st_other);

	if (ELF_ST_BIND(sym->st_info) == STB_LOCAL)
		return true;
	return !is_undefined(sym) && visibility != STV_DEFAULT &&
	       !(visibility == STV_PROTECTED && ld->abi->looks_up_protected);
}

bool protected_has_pointer(const struct loader *ld, const struct dso *d, const Elf_Sym *sym)
{
	return ELF_ST_VISIBILITY(sym->st_other) == STV_PROTECTED &&
	       ELF_ST_TYPE(sym->st_info) == STT_FUNC && ld->program->type == ET_EXEC &&
	       d != ld->program && d->ns == &ld->base;
}

/* What is wrong with the program's direct reference; NULL: nothing. */
static const char *direct_reference(const Elf_Sym *sym, enum reloc_way way)
{
	if (way == RELOC_COPY)
		return "copy relocation against non-copyable protected symbol `%s' in `%s'\n";
	if (way == RELOC_FUNCTION && sym->st_value && is_undefined(sym))
		return "direct reference to protected function `%s' in `%s' may break pointer "
		       "equality\n";
	return NULL;
}

int protected_check(struct loader *ld, const struct dso *d, const Elf_Sym *sym, enum reloc_way way,
	const struct def *def)
{
	const char *text = direct_reference(sym, way), *name = d->symtab.str + sym->st_name;

	if (!text || d->kind != DSO_PROGRAM || !ld->version_rules.tells_protected ||
		ELF_ST_VISIBILITY(def->sym->st_other) != STV_PROTECTED)
		return 0;
	trace_unrecordable(ld, "it prints a warning");
	print(2, "warning: ");
	print(2, text, name, def->dso->path);
	if (property_of(def->dso, PROPERTY_1_NEEDED) & PROPERTY_1_INDIRECT_EXTERN_ACCESS)
		return diag_about(&ld->diag, ABOUT_ACCESS,
			"%s: %s: error due to GNU_PROPERTY_1_NEEDED_INDIRECT_EXTERN_ACCESS", name,
			def->dso->path);
	return 0;
}
