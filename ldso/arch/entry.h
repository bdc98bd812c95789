/* entry.h: what each machine writes in assembly, and the C functions that the assembly calls.
 *
 * The loader's own code uses general registers only (make check-self looks), so the assembly saves
 * no vector register on the way into plt_resolve() and tls_address(): nothing there can change one.
 * Foreign code that has to run below them (an IFUNC resolver, a function of the libc) goes through
 * arch_call_foreign().
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <stddef.h>
#include <stdint.h>

struct dso;

/* The two words of a TLS GOT entry (DTPMOD, DTPOFF), as __tls_get_addr takes them. */
struct tls_index {
	uintptr_t module, offset;
};

/* start.S.  _start: boot(__ehdr_start, _DYNAMIC), then ldso_main(sp), then a jump to what that returned, with
 * sp as the kernel set it. */
void _start(void);
void boot(uintptr_t base, const void *dynamic);

/* What ldso_main returns, in the two registers that hold such a struct: where to jump, and the
 * function that the program's start code is to call at exit (psABI, "Process Initialization"), or
 * 0. */
struct start {
	uintptr_t entry, fini;
};
struct start ldso_main(uintptr_t *stack);

/* boot_libc.S.  Switches to `stack` and jumps to `entry` (a libc's own start); comes back when that
 * jumps to arch_boot_return.  Callee-saved registers survive.  Not reentrant. */
void arch_boot_libc(uintptr_t *stack, uintptr_t entry);
void arch_boot_return(void);

/* resolve.S.  What PLT0 jumps to: saves all argument registers, calls plt_resolve(dso, index of the
 * slot), restores them, jumps to the address that it returned. */
void arch_plt_resolver(void);
uintptr_t plt_resolve(struct dso *d, size_t index);

/* audit.S, on machines whose glibc programs can have auditors.  What the PLT of an audited object jumps
 * to, by the processor's vector registers: like arch_plt_resolver, but calls plt_enter() with the
 * argument registers, in the layout of <link.h>, which it may change.  If that sets *frame to -1, it
 * jumps to the address that was returned; else it calls it with a copy of *frame bytes of the
 * arguments on the stack, and then plt_exit() with the registers that hold results, which that may
 * change. */
struct arch_call_registers;
struct arch_call_results;
uintptr_t arch_audit_resolver(void);
uintptr_t plt_enter(struct dso *d, size_t index, struct arch_call_registers *regs, long *frame);
void plt_exit(struct dso *d, size_t index, const struct arch_call_registers *regs,
	struct arch_call_results *results);
/* Called when auditors may have changed the registers: each vector register is in <link.h>'s
 * structures twice, and the one that was changed holds. */
void arch_settle_registers(struct arch_call_registers *regs);
void arch_settle_results(struct arch_call_results *results);

/* foreign.S.  Calls fn(a, b) and keeps the whole vector and floating-point state as it was. */
uintptr_t arch_call_foreign(uintptr_t fn, uintptr_t a, uintptr_t b);

/* tlsdesc.S.  Functions of TLS descriptors: take the descriptor's address in the register that the
 * psABI names, return the offset from the thread pointer, keep every other register. static: the
 * second word is the offset; undefined weak: the second word is the addend: the result added to the
 * thread pointer gives just that; dynamic: the second word points to a struct tls_index; calls
 * tls_address(). */
void arch_tlsdesc_static(void);
void arch_tlsdesc_undefined_weak(void);
void arch_tlsdesc_dynamic(void);
void *tls_address(const struct tls_index *index);

#endif
