#include "world/glibc/glibc.h"
EXPORTED void __tunable_get_val(int id, void *value, void *callback)
{
	const struct glibc_tunable *t = &glibc.build->tunables[id];
	(void)callback;
	if (t->type == TUNABLE_INT32) *(int *)value = (int)t->value;
	else *(int64_t *)value = t->value;
}
EXPORTED int __tunable_is_initialized(int id) { (void)id; return 0; }
