#include "world/glibc/glibc.h"
#include "mem.h"
extern const struct glibc_build first_build[] __asm__("__start_glibc_builds");
extern const struct glibc_build last_build[] __asm__("__stop_glibc_builds");
const struct glibc_build *glibc_find_build(struct loader *ld, struct dso *libc)
{
	for (const Elf_Phdr *p = libc->phdr; p < libc->phdr + libc->phnum; p++)
		if (p->p_type == PT_NOTE)
			for (const struct glibc_build *b = first_build; b < last_build; b++)
				for (size_t i = 0; i + 20 <= p->p_memsz; i++)
					if (!memcmp((char *)dso_at(libc, p->p_vaddr) + i, b->build_id, 20))
						return b;
	fail(ld, "%s: no table", libc->path);
	return NULL;
}
EXPORTED void __tunable_get_val(int id, void *value, void *callback)
{
	const struct glibc_tunable *t = &glibc.build->tunables[id];
	(void)callback;
	if (t->type == TUNABLE_INT32) *(int *)value = (int)t->value;
	else *(int64_t *)value = t->value;
}
EXPORTED int __tunable_is_initialized(int id) { (void)id; return 0; }
