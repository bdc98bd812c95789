/* remembered.h: what the cache keeps of an object of start-up: struct dso's `remembered`. */
#ifndef REMEMBERED_H
#define REMEMBERED_H

#include "reloc/bindings.h"

struct remembered {
	uint32_t number; /* of the object in the plan */
	uint64_t pages;  /* where its writable pages begin in the snapshot */
	struct relocs_left left;
};

#endif
