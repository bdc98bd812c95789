/* isa_note.c: the level of the processor that an object needs; see isa_note.h. */
#include "object/isa_note.h"
#include "arch.h"
#include "object/property.h"
#include "state/libc.h"
#include "state/words.h"

/* Bit 0 of the property; bit n is the level of that many names of ARCH_HWCAPS from the end. */
#define ISA_BASELINE ((uint32_t)1)

/* The bits of the levels that d needs; 0: none that every machine of this kind has not. */
static uint32_t needed(const struct dso *d)
{
	return ARCH_ISA_NEEDED ? property_of(d, ARCH_ISA_NEEDED) & ~ISA_BASELINE : 0;
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
