/* call_registers.c (x86_64): the registers of a call as auditors see them; audit.S fills them in. */
#include "arch/entry.h"
#include "arch/x86_64/cpuid.h"

typedef unsigned __int128 sixteen_bytes;

/* La_x86_64_regs of <bits/link.h>, and, behind it, the xmm registers once more. */
struct arch_call_registers {
	uint64_t general[8]; /* rdx r8 r9 rcx rsi rdi rbp rsp */
	sixteen_bytes xmm[8];
	sixteen_bytes vector[8][4]; /* of which the processor's registers may be a part */
	sixteen_bytes unused[4];
	sixteen_bytes before[8];
};

/* La_x86_64_retval, likewise. */
struct arch_call_results {
	uint64_t general[2]; /* rax rdx */
	sixteen_bytes xmm[2];
	sixteen_bytes st[2];
	sixteen_bytes vector[2][4];
	sixteen_bytes unused[2];
	sixteen_bytes before[2];
};

_Static_assert(sizeof(struct arch_call_registers) == 896, "audit.S");
_Static_assert(sizeof(struct arch_call_results) == 272, "audit.S");

/* audit.S */
void arch_audit_xmm(void);
void arch_audit_ymm(void);
void arch_audit_zmm(void);

/* XCR0 (Intel SDM 1, 13.3): the upper halves of the ymm registers; masks and the rest of the zmm
 * registers. */
enum { XCR0_YMM = 0x6, XCR0_ZMM = 0xe6 };

uintptr_t arch_audit_resolver(void)
{
	uint64_t saved = cpuid_xcr0();

	if ((saved & XCR0_ZMM) == XCR0_ZMM)
		return (uintptr_t)arch_audit_zmm;
	return (uintptr_t)((saved & XCR0_YMM) == XCR0_YMM ? arch_audit_ymm : arch_audit_xmm);
}

/* An xmm register that was changed replaces the whole vector register, as a VEX-encoded move does,
 * unless the auditor has given that one the same lower half. */
static void settle(
	sixteen_bytes *xmm, sixteen_bytes (*vector)[4], const sixteen_bytes *before, int n)
{
	for (int i = 0; i < n; i++)
		if (xmm[i] != before[i] && xmm[i] != vector[i][0]) {
			vector[i][0] = xmm[i];
			vector[i][1] = vector[i][2] = vector[i][3] = 0;
		} else {
			xmm[i] = vector[i][0];
		}
}

void arch_settle_registers(struct arch_call_registers *regs)
{
	settle(regs->xmm, regs->vector, regs->before, 8);
}

void arch_settle_results(struct arch_call_results *results)
{
	settle(results->xmm, results->vector, results->before, 2);
}
