/* entry.h: the functions that each machine defines in assembly, and the C functions that those
 * call.
 *
 * The loader's own code uses general registers only (make check-self verifies it), so the assembly
 * need not save vector registers around plt_resolve() and tls_address().  These call foreign code
 * (an IFUNC resolver, a function of the libc) through arch_call_foreign().
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <stddef.h>
#include <stdint.h>

struct dso;

/* The two words of a TLS GOT entry (DTPMOD, DTPOFF): the argument of __tls_get_addr. */
struct tls_index {
	uintptr_t module, offset;
};

/* start.S.  _start calls boot(__ehdr_start, _DYNAMIC) and ldso_main(sp), then jumps to the address
 * that ldso_main returned, with sp as the kernel set it. */
void _start(void);
void boot(uintptr_t base, const void *dynamic);

/* The result of ldso_main, returned in two registers: the address to jump to, and the function that
 * the program's start code has to call at exit (psABI, "Process Initialization"), or 0. */
struct start {
	uintptr_t entry, fini;
};
struct start ldso_main(uintptr_t *stack);

/* start.S.  Switches to `stack` and jumps to `entry` (the start code of a libc); returns when that
 * jumps to arch_boot_return.  Keeps callee-saved registers.  Not reentrant. */
void arch_boot_libc(uintptr_t *stack, uintptr_t entry);
void arch_boot_return(void);

/* resolve.S.  PLT0 jumps here: saves all argument registers, calls plt_resolve(dso, index of the
 * slot), restores them and jumps to the address that it returned. */
void arch_plt_resolver(void);
uintptr_t plt_resolve(struct dso *d, size_t index);

/* resolve.S.  Returns fn(a, b) and preserves the whole vector and floating-point state. */
uintptr_t arch_call_foreign(uintptr_t fn, uintptr_t a, uintptr_t b);

/* tlsdesc.S.  Functions of TLS descriptors: they get the descriptor's address in the register that
 * the psABI specifies, return the offset from the thread pointer and preserve every other register.
 * The descriptor's second word is, for static, the offset; for undefined weak, the addend, which
 * the result and the thread pointer add up to; for dynamic, the address of a struct tls_index, the
 * argument of tls_address(). */
void arch_tlsdesc_static(void);
void arch_tlsdesc_undefined_weak(void);
void arch_tlsdesc_dynamic(void);
void *tls_address(const struct tls_index *index);

#endif
