/* arch.h (x86_64): numbers and primitives of the machine, nothing else.
 *
 * Sources: System V ABI, AMD64 Architecture Processor Supplement (psABI) 1.0: table 4.9 relocation
 * types, 3.4 process initialization, A.2.1 system calls; Drepper, "ELF Handling For Thread-Local
 * Storage" 0.21, 4.3 (variant II).  docs/porting.md says what each name must mean.
 */
#ifndef ARCH_H
#define ARCH_H

#define ARCH_BITS        64
#define ARCH_MACHINE     EM_X86_64
#define ARCH_DATA        ELFDATA2LSB
#define ARCH_NAME        "x86_64"
#define ARCH_MUSL        "x86_64" /* as in ld-musl-x86_64.so.1 */
#define ARCH_GLIBC_LD    "ld-linux-x86-64.so.2"
#define ARCH_GLIBC_DIR   "/lib64/"
#define ARCH_MULTIARCH   "x86_64-linux-gnu"
#define ARCH_CACHE_FLAGS 0x0303 /* ldconfig: ELF, libc6, x86-64 */
/* Subdirectories of glibc-hwcaps, best first; the last arch_isa_level() of them can be used. */
#define ARCH_HWCAPS "x86-64-v4:x86-64-v3:x86-64-v2"
/* psABI, "Program Property": the property of the levels that an object needs; 0: there is none. */
#define ARCH_ISA_NEEDED 0xc0008002u
#define ARCH_MIN_PAGE   4096
/* Whether DT_INIT and DT_FINI are called, beside the arrays: by the psABI, and by musl. */
#define ARCH_DT_INIT      1
#define ARCH_MUSL_DT_INIT 1
#define ARCH_MAX_ADDR     ((uintptr_t)1 << 47)

#define ARCH_TLS_BELOW_TP 1 /* variant II: blocks lie below the thread pointer */
#define ARCH_TLS_GAP      0
#define ARCH_DTP_BIAS     0

#define ARCH_R_NONE      R_X86_64_NONE
#define ARCH_R_RELATIVE  R_X86_64_RELATIVE
#define ARCH_R_ABS       R_X86_64_64
#define ARCH_R_GLOB_DAT  R_X86_64_GLOB_DAT
#define ARCH_R_JUMP_SLOT R_X86_64_JUMP_SLOT
#define ARCH_R_COPY      R_X86_64_COPY
#define ARCH_R_IRELATIVE R_X86_64_IRELATIVE
#define ARCH_R_DTPMOD    R_X86_64_DTPMOD64
#define ARCH_R_DTPOFF    R_X86_64_DTPOFF64
#define ARCH_R_TPOFF     R_X86_64_TPOFF64
#define ARCH_R_TLSDESC   R_X86_64_TLSDESC
#define ARCH_R_PC        R_X86_64_PC64
#define ARCH_R_SIZE      R_X86_64_SIZE64
#define ARCH_R_ABS32     R_X86_64_32
#define ARCH_R_PC32      R_X86_64_PC32
#define ARCH_R_SIZE32    R_X86_64_SIZE32

/* mmap's offset is in bytes. */
#define ARCH_NR_MMAP     __NR_mmap
#define ARCH_MMAP_UNIT   1
#define ARCH_VARIANT_PCS 0 /* st_other bit of functions that must not be bound lazily */

/* An auditor's functions that are told of calls and returns (<bits/link.h>), and the least version of
 * the interface. */
#define ARCH_AUDIT_ENTER "la_x86_64_gnu_pltenter"
#define ARCH_AUDIT_EXIT  "la_x86_64_gnu_pltexit"
#define ARCH_AUDIT_LEAST 1

static inline int arch_flags_ok(unsigned e_flags)
{
	(void)e_flags;
	return 1;
}

static inline long arch_syscall(long n, long a, long b, long c, long d, long e, long f)
{
	long r;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}

/* Whether valgrind runs this process: the client request RUNNING_ON_VALGRIND (0x1001), instructions
 * that change nothing on the processor itself. */
static inline bool arch_under_valgrind(void)
{
	const uintptr_t request[6] = {0x1001};
	uintptr_t answer = 0;

	__asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi\n"
			 "xchgq %%rbx, %%rbx"
			 : "+d"(answer)
			 : "a"(request)
			 : "cc", "memory");
	return answer;
}

/* The time-stamp counter. */
static inline uint64_t arch_ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* To be called in a loop that waits for another thread. */
static inline void arch_pause(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* The thread pointer, which the word at %fs:0 holds (psABI); only valid after
 * arch_set_thread_pointer(), or once a libc has set it. */
static inline uintptr_t arch_thread_pointer(void)
{
	uintptr_t tp;

	__asm__ volatile("mov %%fs:0, %0" : "=r"(tp));
	return tp;
}

/* The word at this offset from the thread pointer. */
static inline uintptr_t arch_thread_word(intptr_t offset)
{
	uintptr_t word;

	__asm__ volatile("mov %%fs:(%1), %0" : "=r"(word) : "r"(offset));
	return word;
}

static inline long arch_set_thread_pointer(uintptr_t tp)
{
	*(uintptr_t *)tp = tp; /* psABI: the first word of the TCB points to itself */
	return arch_syscall(__NR_arch_prctl, 0x1002 /* ARCH_SET_FS */, (long)tp, 0, 0, 0, 0);
}

/* The arguments of an IFUNC resolver: none, it uses cpuid itself. */
static inline void arch_ifunc_args(uintptr_t hwcap, uintptr_t hwcap2, uintptr_t *a, uintptr_t *b)
{
	(void)hwcap;
	(void)hwcap2;
	*a = 0;
	*b = 0;
}

/* psABI 5.2: GOT[1] is the loader's word, GOT[2] its resolver. */
static inline void arch_plt_init(uintptr_t *got, uintptr_t dso, uintptr_t resolver)
{
	got[1] = dso;
	got[2] = resolver;
}

/* The number of names of ARCH_HWCAPS, from the end, that this processor supports (cpuid.h). */
unsigned arch_isa_level(void);

#endif
