/* arch.h (riscv64): numbers and primitives of the machine, nothing else.
 *
 * Sources: RISC-V ABIs Specification 1.0, its parts calling convention (riscv-cc: "Integer
 * Register Convention", "Named ABIs": lp64d) and ELF (riscv-elf: "File Header", "Procedure Linkage
 * Table", "Relocations", "Thread Local Storage").  docs/porting.md says what each name must mean.
 */
#ifndef ARCH_H
#define ARCH_H

#define ARCH_BITS        64
#define ARCH_MACHINE     EM_RISCV
#define ARCH_DATA        ELFDATA2LSB
#define ARCH_NAME        "riscv64"
#define ARCH_MUSL        "riscv64" /* as in ld-musl-riscv64.so.1 */
#define ARCH_GLIBC_LD    "ld-linux-riscv64-lp64d.so.1"
#define ARCH_GLIBC_DIR   "/lib/"
#define ARCH_MULTIARCH   "riscv64-linux-gnu"
#define ARCH_CACHE_FLAGS 0x1003 /* ldconfig: ELF, libc6, RISC-V, double float ABI */
#define ARCH_HWCAPS      ""     /* glibc has no subdirectories of glibc-hwcaps here */
#define ARCH_ISA_NEEDED  0      /* no property of the levels that an object needs */
#define ARCH_MIN_PAGE    4096
/* Whether DT_INIT and DT_FINI are called, beside the arrays: by the psABI, and by musl. */
#define ARCH_DT_INIT      0
#define ARCH_MUSL_DT_INIT 1
#define ARCH_MAX_ADDR     ((uintptr_t)1 << 56) /* half of what Sv57 translates */

#define ARCH_TLS_BELOW_TP 0 /* variant I; tp points behind the TCB: blocks begin right there */
#define ARCH_TLS_GAP      0
#define ARCH_DTP_BIAS     0x800

#ifndef R_RISCV_IRELATIVE
#define R_RISCV_IRELATIVE 58
#endif
#ifndef R_RISCV_TLSDESC
#define R_RISCV_TLSDESC 12
#endif
#ifndef STO_RISCV_VARIANT_CC
#define STO_RISCV_VARIANT_CC 0x80
#endif
#ifndef EF_RISCV_RVE
#define EF_RISCV_RVE 0x0008
#endif

/* There is no GLOB_DAT: GOT entries, too, have R_RISCV_64. */
#define ARCH_R_NONE      R_RISCV_NONE
#define ARCH_R_RELATIVE  R_RISCV_RELATIVE
#define ARCH_R_ABS       R_RISCV_64
#define ARCH_R_JUMP_SLOT R_RISCV_JUMP_SLOT
#define ARCH_R_COPY      R_RISCV_COPY
#define ARCH_R_IRELATIVE R_RISCV_IRELATIVE
#define ARCH_R_DTPMOD    R_RISCV_TLS_DTPMOD64
#define ARCH_R_DTPOFF    R_RISCV_TLS_DTPREL64
#define ARCH_R_TPOFF     R_RISCV_TLS_TPREL64
#define ARCH_R_TLSDESC   R_RISCV_TLSDESC
#define ARCH_R_ABS32     R_RISCV_32

/* mmap's offset is in bytes. */
#define ARCH_NR_MMAP   __NR_mmap
#define ARCH_MMAP_UNIT 1
/* st_other bit of functions that must not be bound lazily: they take arguments in vector
 * registers, which a system call on the way through arch_plt_resolver destroys. */
#define ARCH_VARIANT_PCS STO_RISCV_VARIANT_CC

/* Accepts objects for the ABI lp64d: doubles are passed in f registers, and there are 32 x
 * registers. */
static inline int arch_flags_ok(unsigned e_flags)
{
	return (e_flags & (EF_RISCV_FLOAT_ABI | EF_RISCV_RVE)) == EF_RISCV_FLOAT_ABI_DOUBLE;
}

static inline long arch_syscall(long n, long a, long b, long c, long d, long e, long f)
{
	register long a7 __asm__("a7") = n;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
			 : "memory");
	return a0;
}

/* Whether valgrind runs this process: the client request RUNNING_ON_VALGRIND (0x1001), instructions
 * that change nothing on the processor itself. */
static inline bool arch_under_valgrind(void)
{
	const uintptr_t request[6] = {0x1001};
	register uintptr_t answer __asm__("a3") = 0;
	register const uintptr_t *at __asm__("a4") = request;

	__asm__ volatile(".option push; .option norvc\n"
			 "srli zero, zero, 3; srli zero, zero, 13; srli zero, zero, 51; srli zero, "
			 "zero, 61\n"
			 "or a0, a0, a0\n"
			 ".option pop"
			 : "+r"(answer)
			 : "r"(at)
			 : "memory");
	return answer;
}

/* The real-time counter, which is slower than the processor's clock. */
static inline uint64_t arch_ticks(void)
{
	uint64_t ticks;

	__asm__ volatile("rdtime %0" : "=r"(ticks));
	return ticks;
}

/* To be called in a loop that waits for another thread. */
static inline void arch_pause(void)
{
	__asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010" ::: "memory"); /* pause, of Zihintpause */
}

static inline uintptr_t arch_thread_pointer(void)
{
	uintptr_t tp;

	__asm__ volatile("mv %0, tp" : "=r"(tp));
	return tp;
}

/* The word at this offset from the thread pointer. */
static inline uintptr_t arch_thread_word(intptr_t offset)
{
	return *(const uintptr_t *)(arch_thread_pointer() + (uintptr_t)offset);
}

static inline long arch_set_thread_pointer(uintptr_t tp)
{
	__asm__ volatile("mv tp, %0" : : "r"(tp) : "memory");
	return 0;
}

/* The arguments of an IFUNC resolver (RISC-V C API, "Function Multi-version"; <sys/hwprobe.h>):
 * AT_HWCAP, and a function that makes the system call riscv_hwprobe. */
int arch_hwprobe(void *pairs, size_t count, size_t set_size, unsigned long *set, unsigned flags);

static inline void arch_ifunc_args(uintptr_t hwcap, uintptr_t hwcap2, uintptr_t *a, uintptr_t *b)
{
	(void)hwcap2;
	*a = hwcap;
	*b = (uintptr_t)arch_hwprobe;
}

/* riscv-elf, "Procedure Linkage Table": the first two entries of .got.plt. */
static inline void arch_plt_init(uintptr_t *got, uintptr_t dso, uintptr_t resolver)
{
	got[0] = resolver;
	got[1] = dso;
}

/* Not defined: never called where ARCH_HWCAPS is empty. */
unsigned arch_isa_level(void);

#endif
