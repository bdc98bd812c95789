/* musl_dl.h: between the two files of the musl world. */
#ifndef MUSL_DL_H
#define MUSL_DL_H

#include "symbol/symbol.h"

/* The address of one of libc's functions or variables; 0 when it has none of that name. */
uintptr_t musl_function(struct loader *ld, const char *name);

/* Looks up what the functions below call. */
void musl_take_functions(struct loader *ld);

/* Hooks of struct libc_abi. */
bool musl_missing(struct loader *ld, const char *name, struct def *def);
uintptr_t musl_divert(struct loader *ld, const char *name);
int musl_before_dlopen(struct loader *ld);
int musl_watch_thread(struct loader *ld, void *thread);

#endif
