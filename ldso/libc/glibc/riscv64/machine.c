/* machine.c (riscv64): see machine.h. */
#include "libc/glibc/machine.h"

#include "base/hash.h"
#include "base/mem.h"

static uintptr_t stack_guard __attribute__((section(".data.rel.ro")));
EXPORT_AS(__stack_chk_guard, stack_guard);

/* The words at the thread pointer are the dtv, which is set later, and one for the libc, which has
 * no guarded pointers here. */
void machine_start_tcb(uintptr_t tp, uintptr_t guard, uintptr_t pointer_guard)
{
	(void)tp;
	(void)pointer_guard;
	stack_guard = guard;
}

/* There is no struct cpu_features: resolvers ask the kernel. */
void machine_fill(struct loader *ld)
{
	const struct glibc_layout *l = glibc.layout;
	void *ro = glibc_global_ro;

	glibc_put_platform(ld->config.platform, ld->config.hwcap);
	glibc_put(ro, l->ro.vdso_riscv_hwprobe,
		glibc_vdso_function(ld, MACHINE_VDSO "riscv_hwprobe"));
}

/* Over AT_HWCAP and the kernel's answers to all that can be asked by riscv_hwprobe. */
uint64_t machine_cpu_key(struct loader *ld)
{
	enum { KEYS = 32 };
	struct {
		int64_t key;
		uint64_t value;
	} pairs[KEYS];

	for (int i = 0; i < KEYS; i++)
		pairs[i].key = i, pairs[i].value = 0;
	arch_hwprobe(pairs, KEYS, 0, NULL, 0);
	return hash_bytes(pairs, sizeof pairs, ld->config.hwcap);
}

const char *machine_platform(struct loader *ld)
{
	return ld->config.platform;
}

/* The psABI has no protection of code by program properties that ld.so turns on. */
int machine_protect(struct loader *ld, const struct dso *d)
{
	(void)ld;
	(void)d;
	return 0;
}
