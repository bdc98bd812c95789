/* musl_dl.h: what musl.c uses of musl_dl.c. */
#ifndef MUSL_DL_H
#define MUSL_DL_H

#include "symbol/symbol.h"

/* The address of a function or variable of libc; 0 if there is none. */
uintptr_t musl_function(struct loader *ld, const char *name);

/* Looks up the functions of libc that the functions below call. */
void musl_find_functions(struct loader *ld);

/* Hooks of struct libc_abi. */
bool musl_fallback_symbol(struct loader *ld, const char *name, struct def *def);
uintptr_t musl_override(struct loader *ld, const char *name);
int musl_before_dlopen(struct loader *ld);
int musl_watch_thread(struct loader *ld, void *thread);

#endif
