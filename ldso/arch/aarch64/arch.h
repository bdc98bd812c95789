/* arch.h (aarch64): numbers and primitives of the machine, nothing else.
 *
 * Sources, all of the ABI for the Arm 64-bit Architecture: ELF (AAELF64), "Dynamic relocations";
 * procedure calls (AAPCS64), 6.1; System V ABI (SYSVABI64), "Procedure Linkage Table", "GNU C
 * Library IFUNC interface", "Thread Local Storage".  docs/porting.md says what each name must mean.
 */
#ifndef ARCH_H
#define ARCH_H

#define ARCH_BITS        64
#define ARCH_MACHINE     EM_AARCH64
#define ARCH_DATA        ELFDATA2LSB
#define ARCH_NAME        "aarch64"
#define ARCH_MUSL        "aarch64" /* as in ld-musl-aarch64.so.1 */
#define ARCH_GLIBC_LD    "ld-linux-aarch64.so.1"
#define ARCH_GLIBC_DIR   "/lib/"
#define ARCH_MULTIARCH   "aarch64-linux-gnu"
#define ARCH_CACHE_FLAGS 0x0a03 /* ldconfig: ELF, libc6, AArch64 */
#define ARCH_HWCAPS      ""     /* glibc has no subdirectories of glibc-hwcaps here */
#define ARCH_ISA_NEEDED  0      /* no property of the levels that an object needs */
#define ARCH_MIN_PAGE    4096   /* kernels with pages of 16 or 64 KiB say so in AT_PAGESZ */
/* Whether DT_INIT and DT_FINI are called, beside the arrays: by the psABI, and by musl. */
#define ARCH_DT_INIT      1
#define ARCH_MUSL_DT_INIT 0
#define ARCH_MAX_ADDR     ((uintptr_t)1 << 48)

#define ARCH_TLS_BELOW_TP 0  /* variant I: blocks lie above the thread pointer */
#define ARCH_TLS_GAP      16 /* the TCB: two words at the thread pointer */
#define ARCH_DTP_BIAS     0

#define ARCH_R_NONE      R_AARCH64_NONE
#define ARCH_R_RELATIVE  R_AARCH64_RELATIVE
#define ARCH_R_ABS       R_AARCH64_ABS64
#define ARCH_R_GLOB_DAT  R_AARCH64_GLOB_DAT
#define ARCH_R_JUMP_SLOT R_AARCH64_JUMP_SLOT
#define ARCH_R_COPY      R_AARCH64_COPY
#define ARCH_R_IRELATIVE R_AARCH64_IRELATIVE
#define ARCH_R_DTPMOD    R_AARCH64_TLS_DTPMOD
#define ARCH_R_DTPOFF    R_AARCH64_TLS_DTPREL
#define ARCH_R_TPOFF     R_AARCH64_TLS_TPREL
#define ARCH_R_TLSDESC   R_AARCH64_TLSDESC

/* mmap's offset is in bytes. */
#define ARCH_NR_MMAP   __NR_mmap
#define ARCH_MMAP_UNIT 1
/* st_other bit of functions that must not be bound lazily: they take arguments in registers
 * (SVE's, or more of the vector registers) that arch_plt_resolver does not keep. */
#define ARCH_VARIANT_PCS STO_AARCH64_VARIANT_PCS

/* An auditor's functions that are told of calls and returns (<bits/link.h>), and the least version of
 * the interface: version 1 has another layout of the registers. */
#define ARCH_AUDIT_ENTER "la_aarch64_gnu_pltenter"
#define ARCH_AUDIT_EXIT  "la_aarch64_gnu_pltexit"
#define ARCH_AUDIT_LEAST 2

static inline int arch_flags_ok(unsigned e_flags)
{
	(void)e_flags; /* AAELF64 defines no flag */
	return 1;
}

static inline long arch_syscall(long n, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

/* Whether valgrind runs this process: the client request RUNNING_ON_VALGRIND (0x1001), instructions
 * that change nothing on the processor itself. */
static inline bool arch_under_valgrind(void)
{
	const uintptr_t request[6] = {0x1001};
	register uintptr_t answer __asm__("x3") = 0;
	register const uintptr_t *at __asm__("x4") = request;

	__asm__ volatile(
		"ror x12, x12, #3; ror x12, x12, #13; ror x12, x12, #51; ror x12, x12, #61\n"
		"orr x10, x10, x10"
		: "+r"(answer)
		: "r"(at)
		: "memory");
	return answer;
}

/* The virtual counter, which is slower than the processor's clock. */
static inline uint64_t arch_ticks(void)
{
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
}

/* To be called in a loop that waits for another thread. */
static inline void arch_pause(void)
{
	__asm__ volatile("yield" ::: "memory");
}

static inline uintptr_t arch_thread_pointer(void)
{
	uintptr_t tp;

	__asm__ volatile("mrs %0, tpidr_el0" : "=r"(tp));
	return tp;
}

/* The word at this offset from the thread pointer. */
static inline uintptr_t arch_thread_word(intptr_t offset)
{
	return *(const uintptr_t *)(arch_thread_pointer() + (uintptr_t)offset);
}

static inline long arch_set_thread_pointer(uintptr_t tp)
{
	__asm__ volatile("msr tpidr_el0, %0" : : "r"(tp) : "memory");
	return 0;
}

/* The arguments of an IFUNC resolver: AT_HWCAP with bit 62 set, which means that there is a second
 * argument, and the address of the size in bytes followed by all words of hardware capabilities. */
static inline void arch_ifunc_args(uintptr_t hwcap, uintptr_t hwcap2, uintptr_t *a, uintptr_t *b)
{
	static uint64_t words[3];

	words[0] = sizeof words;
	words[1] = hwcap;
	words[2] = hwcap2;
	*a = hwcap | (uintptr_t)1 << 62;
	*b = (uintptr_t)words;
}

/* SYSVABI64, "Procedure Linkage Table": the second and third entries of .got.plt. */
static inline void arch_plt_init(uintptr_t *got, uintptr_t dso, uintptr_t resolver)
{
	got[1] = dso;
	got[2] = resolver;
}

/* Not defined: never called where ARCH_HWCAPS is empty. */
unsigned arch_isa_level(void);

#endif
