/* call_registers.c (aarch64): the registers of a call as auditors see them: La_aarch64_regs and
 * La_aarch64_retval of <bits/link.h>, which have each register once; audit.S fills them in. */
#include "arch/entry.h"

/* audit.S */
void arch_audit(void);

uintptr_t arch_audit_resolver(void)
{
	return (uintptr_t)arch_audit;
}

void arch_settle_registers(struct arch_call_registers *regs)
{
	(void)regs;
}

void arch_settle_results(struct arch_call_results *results)
{
	(void)results;
}
