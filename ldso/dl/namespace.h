/* namespace.h: dlmopen's namespaces, whose objects are bound to each other only. */
#ifndef NAMESPACE_H
#define NAMESPACE_H

#include "state/loader.h"

/* The namespace with that id, or a new one (LM_ID_NEWLM); NULL (reported) if there is none. */
struct namespace *namespace_find(struct loader *ld, long id);

/* Frees the namespaces without objects, except for the program's. */
void namespace_free_empty(struct loader *ld);

#endif
