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
