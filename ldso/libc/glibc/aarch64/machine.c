/* machine.c (aarch64): see machine.h.
 *
 * Guarded control stacks stay off, as without the tunable glibc.cpu.aarch64_gcs.
 */
#include "libc/glibc/machine.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/sys.h"
#include "libc/glibc/tunables.h"
#include "memory/kernel.h"
#include "object/property.h"

/* <asm/hwcap.h> */
#define HWCAP_CPUID_ (1ul << 11)
#define HWCAP_SVE_   (1ul << 22)
#define HWCAP2_BTI_  (1ul << 17)
#define HWCAP2_MTE_  (1ul << 18)
#define HWCAP2_MOPS_ (1ul << 43)

static uintptr_t stack_guard __attribute__((section(".data.rel.ro")));
EXPORT_AS(__stack_chk_guard, stack_guard);

/* The words at the thread pointer are the dtv, which is set later, and one for the libc. */
void machine_start_tcb(uintptr_t tp, uintptr_t guard, uintptr_t pointer_guard)
{
	(void)tp;
	(void)pointer_guard; /* glibc_pointer_guard, which has it already */
	stack_guard = guard;
}

/* ---- The processor ---- */

/* The names of glibc.cpu.name, and the processor that each stands for (MIDR_EL1). */
static const struct {
	char name[16];
	uint32_t midr;
	bool until_238;
} processors[] = {
	{"falkor", 0x510fc000, true},
	{"phecda", 0x680f0000, true},
	{"thunderxt88", 0x430f0a10, false},
	{"thunderx2t99", 0x431f0af0, false},
	{"thunderx2t99p1", 0x420f5160, false},
	{"ares", 0x411fd0c0, false},
	{"emag", 0x503f0001, false},
	{"kunpeng920", 0x481fd010, false},
	{"a64fx", 0x460f0010, false},
	{"generic", 0, false},
};

/* Sets *midr as the tunable glibc.cpu.name says; false: it says nothing. */
static bool named_processor(uint64_t *midr)
{
	const struct tunable_value *v = tunables_find("glibc.cpu.name");

	if (!v || !v->is_set)
		return false;
	for (size_t i = 0; i < COUNT(processors); i++)
		if (!strcmp(v->text.s, processors[i].name) &&
			(!processors[i].until_238 || glibc.layout->rules.old_processor_names)) {
			*midr = processors[i].midr;
			return true;
		}
	return false;
}

static uint64_t read_midr(uintptr_t hwcap)
{
	uint64_t midr = 0;

	if (!named_processor(&midr) && hwcap & HWCAP_CPUID_)
		__asm__("mrs %0, midr_el1" : "=r"(midr)); /* the kernel answers */
	return midr;
}

/* The bytes that "dc zva" clears; 0: it must not be used. */
static uint32_t read_zva_size(void)
{
	uint64_t dczid;

	__asm__("mrs %0, dczid_el0" : "=r"(dczid));
	return dczid & 1 << 4 ? 0 : 4u << (dczid & 15);
}

/* Whether the kernel keeps the SVE state over system calls: from 6.2 on and in 5.14, as well as
 * before 4.15, which has no SVE.  Otherwise each first use after a system call takes a fault. */
static bool kernel_keeps_sve(void)
{
	char names[6][65] = {0}; /* struct utsname */
	const char *p = names[2];
	unsigned version = 0;

	if (arch_syscall(__NR_uname, (long)names, 0, 0, 0, 0, 0) < 0)
		return true;
	for (int shift = 16; shift >= 0; shift -= 8) {
		unsigned n = 0;

		for (; *p >= '0' && *p <= '9'; p++)
			n = n * 10 + (unsigned)(*p - '0');
		version |= (n & 255) << shift;
		if (*p++ != '.')
			break;
	}
	return version >= 0x060200 || version == 0x050e00 || version < 0x040f00;
}

/* ---- Memory tagging ---- */

#define PR_SET_TAGGED_ADDR_CTRL_ 55
#define PR_TAGGED_ADDR_ENABLE_   1l
#define PR_MTE_TCF_SYNC_         (1l << 1)
#define PR_MTE_TCF_ASYNC_        (1l << 2)
#define ALL_TAGS_BUT_0           (0xfffel << 3)

/* Turns memory tagging on as the tunable glibc.mem.tagging says (1: malloc, checked later; 2: at
 * once; 4: as the system prefers), and returns what libc's malloc is to know of it. */
static uint8_t start_tagging(uintptr_t hwcap2)
{
	const struct tunable_value *v = tunables_find("glibc.mem.tagging");
	unsigned state = v && hwcap2 & HWCAP2_MTE_ ? (unsigned)v->number : 0;
	long mode = state & 4   ? PR_MTE_TCF_SYNC_ | PR_MTE_TCF_ASYNC_
		    : state & 2 ? PR_MTE_TCF_SYNC_
				: PR_MTE_TCF_ASYNC_;

	if (v && !state)
		tunables_set("glibc.mem.tagging", 0, (uint64_t)v->min, (uint64_t)v->max);
	if (state)
		arch_syscall(__NR_prctl, PR_SET_TAGGED_ADDR_CTRL_,
			PR_TAGGED_ADDR_ENABLE_ | mode | ALL_TAGS_BUT_0, 0, 0, 0, 0);
	return (uint8_t)state;
}

/* ---- Branch target identification ---- */

#define PROPERTY_FEATURES 0xc0000000u /* GNU_PROPERTY_AARCH64_FEATURE_1_AND */
#define FEATURE_BTI       1u
#define PROT_BTI_         0x10u

static bool is_guarded(const struct dso *d)
{
	return property_of(d, PROPERTY_FEATURES) & FEATURE_BTI;
}

/* Whether every object has to be guarded: from 2.42 on, by a tunable. */
static bool wants_guards(void)
{
	const struct tunable_value *v = tunables_find("glibc.cpu.aarch64_bti");

	return v && v->number;
}

static int fail_guard(struct loader *ld, const struct dso *d)
{
	return fail(ld, "%s: failed to turn on BTI protection", d->path);
}

/* The kernel has guarded its own parts, ours among them, and leaves the program to us.  The pages of
 * a guarded object can be entered at landing pads only ("bti"). */
int machine_protect(struct loader *ld, const struct dso *d)
{
	const struct glibc_layout *l = glibc.layout;
	size_t page = ld->config.page;

	if (l->cpu.bti == GLIBC_NONE || !(ld->config.hwcap2 & HWCAP2_BTI_) || d->kind == DSO_VDSO ||
		d == ld->self)
		return 0;
	if (!is_guarded(d)) {
		if (wants_guards())
			return fail_guard(ld, d);
		debug(ld, DEBUG_SECURITY, "security: not compatible with AArch64 BTI: %s", d->path);
		return 0;
	}
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++) {
		uintptr_t at = (d->base + p->p_vaddr) & -page;
		uintptr_t end = (d->base + p->p_vaddr + p->p_filesz + page - 1) & -page;
		unsigned prot = VM_X | (p->p_flags & PF_R ? VM_R : 0) |
				(p->p_flags & PF_W ? VM_W : 0) | PROT_BTI_;

		if (p->p_type == PT_LOAD && p->p_flags & PF_X &&
			kernel_protect_foreign(at, end - at, prot) < 0 && d != ld->program)
			return fail_guard(ld, d);
	}
	return 0;
}

/* ---- The whole ---- */

static void put_byte(char *to, uint16_t offset, uint8_t value)
{
	if (offset != GLIBC_NONE)
		to[offset] = (char)value;
}

void machine_fill(struct loader *ld)
{
	const struct glibc_layout *l = glibc.layout;
	void *ro = glibc_global_ro;
	char *cpu = (char *)ro + l->ro.cpu_features;
	uintptr_t hwcap = ld->config.hwcap, hwcap2 = ld->config.hwcap2;
	bool sve = hwcap & HWCAP_SVE_;

	glibc_put_platform(ld->config.platform, hwcap);
	glibc_put(cpu, l->cpu.midr_el1, read_midr(hwcap));
	glibc_put_int(cpu, l->cpu.zva_size, (int)read_zva_size());
	put_byte(cpu, l->cpu.bti, !!(hwcap2 & HWCAP2_BTI_));
	put_byte(cpu, l->cpu.mte_state, start_tagging(hwcap2));
	put_byte(cpu, l->cpu.sve, sve);
	if (l->cpu.prefer_sve_ifuncs != GLIBC_NONE)
		put_byte(cpu, l->cpu.prefer_sve_ifuncs, sve && kernel_keeps_sve());
	put_byte(cpu, l->cpu.mops, !!(hwcap2 & HWCAP2_MOPS_));
}

/* Over what arch_ifunc_args() and struct cpu_features say. */
uint64_t machine_cpu_key(struct loader *ld)
{
	const struct glibc_layout *l = glibc.layout;

	return hash_bytes(glibc_global_ro + l->ro.cpu_features, l->cpu.size,
		ld->config.hwcap ^ ld->config.hwcap2 << 1);
}

const char *machine_platform(struct loader *ld)
{
	return ld->config.platform;
}
