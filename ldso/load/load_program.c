/* load_program.c: the program, mapped by the kernel or by the loader; see load.h. */
#include "base/sys.h"
#include "load/adopt.h"
#include "load/exe_link.h"
#include "load/hand_over.h"
#include "load/load.h"
#include "load/map.h"
#include "object/dynamic.h"
#include "object/load_order.h"
#include "search/search.h"
#include "tls/tls.h"

/* Registers the program that the kernel mapped.  Its base is AT_PHDR less the p_vaddr of
 * PT_PHDR. */
static int adopt_program(struct loader *ld, struct dso *d)
{
	const struct config *c = &ld->config;
	uintptr_t base = 0;

	for (size_t i = 0; i < c->phnum; i++)
		if (c->phdr[i].p_type == PT_PHDR)
			base = (uintptr_t)c->phdr - c->phdr[i].p_vaddr;
	d->entry = c->entry;
	return map_adopt(ld, d, c->phdr, c->phnum, base, c->execfn ? c->execfn : "(program)");
}

/* In command mode: maps the program, and makes the auxiliary vector, which described the loader,
 * describe the program. */
static int map_program(struct loader *ld, struct dso *d)
{
	struct config *c = &ld->config;
	struct found found;

	if (search_program(ld, c->program, &found) < 0)
		return -1;
	if (map_object(ld, &found, d) < 0)
		return hand_over_foreign(ld, &found);
	config_set_auxv(c, AT_PHDR, (uintptr_t)d->phdr);
	config_set_auxv(c, AT_PHNUM, d->phnum);
	config_set_auxv(c, AT_ENTRY, d->entry);
	config_set_auxv(c, AT_BASE, d->interp ? ld->self->base : 0);
	config_set_auxv(c, AT_EXECFN, (uintptr_t)d->path);
	if (c->mode == MODE_RUN)
		exe_link_set(ld, found.fd);
	sys_close(found.fd);
	return d->stack_prot & VM_X ? adopt_stack(ld, d->stack_prot) : 0;
}

int load_program(struct loader *ld)
{
	struct dso *d = ld->program = dso_new(ld, DSO_PROGRAM);

	if (!d)
		return fail(ld, "no memory for the loader's first objects");
	load_order_append(ld, d);
	if ((ld->config.command ? map_program : adopt_program)(ld, d) < 0 ||
		dynamic_decode(ld, d) < 0 || (d->tls.memsz && tls_add(ld, d) < 0))
		return -1;
	if (d->interp)
		load_choose_abi(ld, d->interp);
	/* Debuggers look for the loader's file under this name. */
	if (d->interp && !ld->config.command)
		ld->self->owner.name = ld->self->path = ld->self->map->l_name = d->interp;
	for (size_t i = 0; i < d->nneeded; i++)
		load_choose_abi(ld, d->needed[i]);
	return 0;
}

int load_check_entry(struct loader *ld)
{
	const struct dso *d = ld->program;
	uintptr_t entry = d->entry - d->base;

	if (entry && dso_contains(d, entry, 1, PF_X))
		return 0;
	return fail(ld, "%s: e_entry 0x%lx: expected an address in an executable segment", d->path,
		entry);
}
