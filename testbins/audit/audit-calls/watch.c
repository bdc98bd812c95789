/* An auditor of calls.  FRAME: the bytes of arguments on the stack, or -1: returns are not told. */
#include "auditor.h"
#include <stdlib.h>

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

static void change(const char *name, La_x86_64_regs *regs)
{
	if (!strcmp(name, "changed")) {
		double b = 40;

		regs->lr_rdi = 100;
		memcpy(&regs->lr_xmm[0], &b, sizeof b);
	}
	/* The lower half of ymm0, and all of ymm7. */
	if (!strcmp(name, "wide")) {
		uint64_t n[4] = {1, 2, 3, 4};

		memcpy(&regs->lr_xmm[0], n, 16);
		memcpy(&regs->lr_vector[7], n, 32);
	}
}

Elf64_Addr la_x86_64_gnu_pltenter(Elf64_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to,
	La_x86_64_regs *regs, unsigned *flags, const char *name, long *frame)
{
	const uint64_t *stack = (const uint64_t *)regs->lr_rsp;

	(void)index;
	if (!quiet)
		say("enter %s from %s to %s, flags %x, frame %ld", name, object(*from), object(*to),
			*flags, *frame);
	if (!strcmp(name, "ints") && !quiet)
		say("  %d %d %d %d %d %d, then %d %d %d", (int)regs->lr_rdi, (int)regs->lr_rsi,
			(int)regs->lr_rdx, (int)regs->lr_rcx, (int)regs->lr_r8, (int)regs->lr_r9,
			(int)stack[1], (int)stack[2], (int)stack[3]);
	if (!strcmp(name, "once"))
		*flags |= LA_SYMB_NOPLTENTER | LA_SYMB_NOPLTEXIT;
	if (!getenv("CHANGE_NOTHING"))
		change(name, regs);
	*frame = FRAME;
	return sym->st_value;
}

unsigned la_x86_64_gnu_pltexit(Elf64_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to,
	const La_x86_64_regs *in, La_x86_64_retval *out, const char *name)
{
	double real;

	(void)sym, (void)index, (void)in;
	memcpy(&real, &out->lrv_xmm0, sizeof real);
	if (!quiet)
		say("exit %s from %s to %s", name, object(*from), object(*to));
	if (!strcmp(name, "ints") && !quiet)
		say("  %d", (int)out->lrv_rax);
	if (!strcmp(name, "reals"))
		say("  %g", real);
	if (!strcmp(name, "extended") && !quiet)
		say("  %.15Lg", out->lrv_st0);
	if (!strcmp(name, "changed"))
		out->lrv_rax += 1000;
	if (!strcmp(name, "reals")) {
		real += 0.5;
		memcpy(&out->lrv_xmm0, &real, sizeof real);
	}
	return 0;
}
