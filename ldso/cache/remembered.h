/* remembered.h: the cache's data of an object of start-up: struct dso's `remembered`. */
#ifndef REMEMBERED_H
#define REMEMBERED_H

#include "reloc/bindings.h"

struct remembered {
	uint32_t number; /* index of the object in the plan */
	uint64_t pages;  /* offset of its writable pages in the snapshot */
	struct relocs_left left;
};

#endif
