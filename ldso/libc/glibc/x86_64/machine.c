/* machine.c (x86_64): see machine.h. */
#include "libc/glibc/machine.h"

#include "arch/x86_64/cpuid.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/mem.h"
#include "libc/glibc/x86_64/cpu.h"

/* psABI: offsets from the thread pointer of the TCB's fields, which compilers and libc use. */
enum { TCB_SELF = 0, TCB_PTHREAD = 16, TCB_STACK_GUARD = 0x28 };

void machine_start_tcb(uintptr_t tp, uintptr_t stack_guard, uintptr_t pointer_guard)
{
	*(uintptr_t *)(tp + TCB_SELF) = tp;
	*(uintptr_t *)(tp + TCB_PTHREAD) = tp;
	*(uintptr_t *)(tp + TCB_STACK_GUARD) = stack_guard;
	if (glibc.layout->rules.tcb_pointer_guard)
		*(uintptr_t *)(tp + MACHINE_TCB_POINTER_GUARD) = pointer_guard;
}

void machine_fill(struct loader *ld)
{
	const struct glibc_layout *l = glibc.layout;
	void *ro = glibc_global_ro;
	struct glibc_cpu_options cpu = {.hwcap2 = ld->config.hwcap2};

	glibc_cpu_read_tunables(&cpu);
	glibc_fill_cpu(glibc.build, (char *)ro + l->ro.cpu_features, &cpu);
	glibc_cpu_update_tunables(&cpu);
	glibc_put_platform(cpu.platform ? cpu.platform : ld->config.platform, cpu.hwcap);
}

/* Over struct cpu_features, without EBX of the first element of its array: that is CPUID's
 * leaf 1, whose EBX has the number of the core that executed it (Intel SDM 2A, "CPUID"). */
uint64_t machine_cpu_key(struct loader *ld)
{
	const struct glibc_layout *l = glibc.layout;
	uint64_t cpu[128]; /* more than any build's, as glibc_global_ro is */

	memcpy(cpu, glibc_global_ro + l->ro.cpu_features, l->cpu.size);
	memset((char *)cpu + l->cpu.features + 4, 0, 4);
	return hash_bytes(cpu, l->cpu.size, ld->config.hwcap2);
}

/* The value of glibc.cpu.hwcaps, copied to buf, for searches before the list of tunables is known;
 * NULL: there is none. */
static const char *early_hwcaps(const struct config *c, char *buf, size_t size)
{
	static const char name[] = "glibc.cpu.hwcaps=";
	const char *rest = config_getenv(c, "GLIBC_TUNABLES"), *found = NULL;
	size_t n;

	for (const char *word; (word = list_next(&rest, ":", &n));) {
		size_t length = n - strlen(name);

		if (n < strlen(name) || memcmp(word, name, strlen(name)) || length >= size)
			continue;
		memcpy(buf, word + strlen(name), length);
		buf[length] = 0;
		found = buf;
	}
	return found;
}

const char *machine_platform(struct loader *ld)
{
	char hwcaps[512];
	const char *name = glibc_cpu_platform(
		ld->config.hwcap2, early_hwcaps(&ld->config, hwcaps, sizeof hwcaps));

	return name ? name : ld->config.platform;
}

/* The kernel has no indirect branch tracking for processes. */
int machine_protect(struct loader *ld, const struct dso *d)
{
	(void)ld;
	(void)d;
	return 0;
}

size_t machine_answers(const void **answers)
{
	return cpuid_answers(answers);
}

bool machine_recall(const void *answers, size_t n)
{
	return cpuid_recall(answers, n);
}

EXPORTED void *_dl_x86_get_cpu_features(unsigned max)
{
	(void)max;
	return glibc_global_ro + glibc.layout->ro.cpu_features;
}
