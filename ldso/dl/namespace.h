/* namespace.h: dlmopen's namespaces: objects that see each other, and no others. */
#ifndef NAMESPACE_H
#define NAMESPACE_H

#include "state/loader.h"

/* The namespace with that id, or a new one (LM_ID_NEWLM).  NULL with the reason reported. */
struct namespace *namespace_find(struct loader *ld, long id);

/* Gives back those that have no objects left; the program's stays. */
void namespace_free_empty(struct loader *ld);

#endif
