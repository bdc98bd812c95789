/* kernel.h: the registry's backend: the kernel. */
#ifndef KERNEL_H
#define KERNEL_H

#include "vm/area.h"

extern const struct vm_backend kernel_backend;

/* Changes the protection of the process' stack from [at, at + len) down to its lowest page,
 * including pages that it will grow by (PROT_GROWSDOWN).  Returns 0 or a negative errno. */
int kernel_protect_stack(uintptr_t at, size_t len, unsigned prot);

/* Memory that the registry does not know, or NULL: for a signal handler that has interrupted a
 * change of the registry.  n is rounded up to pages by the kernel. */
void *kernel_map_apart(size_t n);

/* Changes the protection of memory in a way that the registry does not know: of a thread's stack, or
 * with a bit of the machine's own (PROT_BTI) beside VM_*.  Returns 0 or a negative errno. */
int kernel_protect_foreign(uintptr_t at, size_t len, unsigned prot);

/* Replaces pages of a file, the caller's own code among them, by an anonymous copy, in a way that the registry
 * does not know.  Nothing may write to them meanwhile.  Returns 0 or a negative errno with the pages as they
 * were. */
int kernel_copy_in_place(uintptr_t at, size_t len, unsigned prot);

#endif
