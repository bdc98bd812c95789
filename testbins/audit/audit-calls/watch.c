/* An auditor of calls.  FRAME: the bytes of arguments on the stack, or -1: returns are not told. */
#include "auditor.h"
#include <stdlib.h>

/* Where an int argument, the first double, the last argument of ints() and the results are. */
#ifdef __aarch64__
#define INT(regs, i)       (regs)->lr_xreg[i]
#define REAL(regs)         (regs)->lr_vreg[0].d
#define LAST(regs)         *(const uint64_t *)(regs)->lr_sp
#define INT_RESULT(out)    (out)->lrv_xreg[0]
#define REAL_RESULT(out)   (out)->lrv_vreg[0].d
#else
#define INT(regs, i)       (&(regs)->lr_rdx)[(const int[]){5, 4, 0, 3, 1, 2}[i]]
#define REAL(regs)         *(double *)&(regs)->lr_xmm[0]
#define LAST(regs)         ((const uint64_t *)(regs)->lr_rsp)[3]
#define INT_RESULT(out)    (out)->lrv_rax
#define REAL_RESULT(out)   *(double *)&(out)->lrv_xmm0
#endif

static int quiet;

unsigned la_version(unsigned version)
{
	quiet = getenv("QUIET") != NULL;
	return version;
}

unsigned la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
	const char *name = opened(map, lmid, *cookie);

	return !strcmp(name, "program") ? LA_FLG_BINDFROM
	       : !strcmp(name, "libcallee.so") || !strcmp(name, "libvector.so") ? LA_FLG_BINDTO
									       : 0;
}

uintptr_t la_symbind64(Elf64_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to, unsigned *flags,
	const char *name)
{
	(void)index;
	if (!quiet && !is_of_loader(name))
		say("bind %s from %s to %s, flags %x", name, object(*from), object(*to), *flags);
	if (!strcmp(name, "unasked"))
		*flags |= LA_SYMB_NOPLTENTER | LA_SYMB_NOPLTEXIT;
	return sym->st_value;
}

static void change(const char *name, call_registers *regs)
{
	if (!strcmp(name, "changed")) {
		INT(regs, 0) = 100;
		REAL(regs) = 40;
	}
#ifdef __x86_64__
	/* The lower half of ymm0, all of ymm7, and of ymm3 the lower half and all. */
	if (!strcmp(name, "wide")) {
		uint64_t n[4] = {1, 2, 3, 4};

		memcpy(&regs->lr_xmm[3], n, 16);
		memcpy(&regs->lr_vector[3], n, 32);
		memcpy(&regs->lr_xmm[0], n, 16);
		memcpy(&regs->lr_vector[7], n, 32);
	}
#endif
}

Elf64_Addr PLTENTER(Elf64_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to,
	call_registers *regs, unsigned *flags, const char *name, long *frame)
{
	(void)index;
	if (!quiet)
		say("enter %s from %s to %s, flags %x, frame %ld", name, object(*from), object(*to),
			*flags, *frame);
	if (!strcmp(name, "ints") && !quiet)
		say("  %d %d %d %d %d %d ... %d", (int)INT(regs, 0), (int)INT(regs, 1),
			(int)INT(regs, 2), (int)INT(regs, 3), (int)INT(regs, 4), (int)INT(regs, 5),
			(int)LAST(regs));
	if (!strcmp(name, "once"))
		*flags |= LA_SYMB_NOPLTENTER | LA_SYMB_NOPLTEXIT;
	if (!getenv("CHANGE_NOTHING"))
		change(name, regs);
	*frame = FRAME;
	return sym->st_value;
}

unsigned PLTEXIT(Elf64_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to,
	const call_registers *in, call_results *out, const char *name)
{
	(void)sym, (void)index, (void)in;
	if (!quiet)
		say("exit %s from %s to %s", name, object(*from), object(*to));
#ifdef __x86_64__
	if (!strcmp(name, "wide") && !quiet) {
		uint64_t n[4];

		memcpy(n, &in->lr_vector[3], 32);
		say("  ymm3 %lu %lu %lu %lu", n[0], n[1], n[2], n[3]);
	}
#endif
	if (!strcmp(name, "ints") && !quiet)
		say("  %d", (int)INT_RESULT(out));
	if (!strcmp(name, "changed"))
		INT_RESULT(out) += 1000;
	if (!strcmp(name, "reals")) {
		say("  %g", REAL_RESULT(out));
		REAL_RESULT(out) += 0.5;
	}
	return 0;
}
