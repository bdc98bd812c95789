/* property.h: the program properties of an object (Linux gABI extensions, "Program Property"). */
#ifndef PROPERTY_H
#define PROPERTY_H

#include "state/loader.h"

#define PROPERTY_1_NEEDED                 0xb0008000u /* GNU_PROPERTY_1_NEEDED */
#define PROPERTY_1_INDIRECT_EXTERN_ACCESS 1u          /* a bit of it */

/* The value, of four bytes, of one property in n bytes of notes; 0: there is none. */
uint32_t property_in(const char *notes, size_t n, uint32_t type);

/* The same of d's properties. */
uint32_t property_of(const struct dso *d, uint32_t type);

#endif
