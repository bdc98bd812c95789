/* host_objects.h: what the C library's own loader has mapped in this process.
 *
 * <link.h> has structs of the same names as the loader, so it is not for the tests themselves.
 */
#ifndef HOST_OBJECTS_H
#define HOST_OBJECTS_H

#include <stddef.h>
#include <stdint.h>

struct host_object {
	const char *name;
	uintptr_t base;
	const void *phdr;
	size_t phnum;
	void *map; /* its struct link_map */
};

/* Fills in the list; how many there are. */
size_t host_objects(struct host_object *list, size_t room);

#endif
