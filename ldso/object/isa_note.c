/* isa_note.c: the level of the processor that an object needs; see isa_note.h. */
#include "object/isa_note.h"
#include "arch.h"
#include "base/mem.h"
#include "state/libc.h"
#include "state/words.h"

#ifndef NT_GNU_PROPERTY_TYPE_0
#define NT_GNU_PROPERTY_TYPE_0 5
#endif

/* Bit 0 of the property; bit n is the level of that many names of ARCH_HWCAPS from the end. */
#define ISA_BASELINE ((uint32_t)1)

#define WORD sizeof(uintptr_t) /* to which notes and properties are aligned */

static size_t aligned(size_t n)
{
	return (n + WORD - 1) & -WORD;
}

/* Finds a property in the n bytes of a note. */
static uint32_t find(const char *properties, size_t n, uint32_t type)
{
	uint32_t head[2], value; /* type, size */

	while (n >= sizeof head) {
		memcpy(head, properties, sizeof head);
		n -= sizeof head;
		properties += sizeof head;
		if (head[1] > n)
			return 0;
		if (head[0] == type && head[1] == sizeof value) {
			memcpy(&value, properties, sizeof value);
			return value;
		}
		if (aligned(head[1]) > n)
			return 0;
		n -= aligned(head[1]);
		properties += aligned(head[1]);
	}
	return 0;
}

uint32_t isa_note_property(const char *notes, size_t n, uint32_t type)
{
	while (n >= sizeof(Elf_Nhdr)) {
		Elf_Nhdr note;
		size_t desc, end;

		memcpy(&note, notes, sizeof note);
		if (note.n_namesz > n || note.n_descsz > n)
			return 0;
		desc = aligned(sizeof note + note.n_namesz);
		end = desc + aligned(note.n_descsz);
		if (end > n)
			return 0;
		if (note.n_type == NT_GNU_PROPERTY_TYPE_0 && note.n_namesz == sizeof "GNU" &&
			!memcmp(notes + sizeof note, "GNU", sizeof "GNU"))
			return find(notes + desc, note.n_descsz, type);
		notes += end;
		n -= end;
	}
	return 0;
}

/* The bits of the levels that d needs; 0: none that every machine of this kind has not. */
static uint32_t needed(const struct dso *d)
{
	for (const Elf_Phdr *p = d->phdr; ARCH_ISA_NEEDED && p < d->phdr + d->phnum; p++)
		if (p->p_type == PT_GNU_PROPERTY && dso_contains(d, p->p_vaddr, p->p_filesz, PF_R))
			return isa_note_property(
				       dso_at(d, p->p_vaddr), p->p_filesz, ARCH_ISA_NEEDED) &
			       ~ISA_BASELINE;
	return 0;
}

int isa_note_check(struct loader *ld, const struct dso *d)
{
	uint32_t bits;

	if (!ld->abi->check_isa)
		return 0;
	bits = needed(d);
	/* Asking the processor is slow, so only if d needs more than all have. */
	if (!bits || !(bits >> 1 >> arch_isa_level()))
		return 0;
	return diag_about(&ld->diag, ABOUT_MACHINE, "%s: CPU ISA level is lower than required",
		words_name(ld, d));
}

int isa_note_check_all(struct loader *ld)
{
	int r = 0;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (isa_note_check(ld, d) < 0)
			r = -1;
	return r;
}
