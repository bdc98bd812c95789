/* isa_note.h: the level of the processor that an object needs, by its program property note.
 *
 * x86-64 psABI, "Program Property": linkers store it in GNU_PROPERTY_X86_ISA_1_NEEDED
 * (-z x86-64-v3).
 */
#ifndef ISA_NOTE_H
#define ISA_NOTE_H

#include "state/loader.h"

/* Checks that the processor has the level that d needs.  -1: it has not (reported). */
int isa_note_check(struct loader *ld, const struct dso *d);

/* The same for every object in the load order. */
int isa_note_check_all(struct loader *ld);

#endif
