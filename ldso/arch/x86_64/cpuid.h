/* cpuid.h (x86_64): the results of the CPUID instruction.
 *
 * CPUID traps in a virtual machine (about 5 us), so a leaf is executed when it is first needed, and
 * its result kept.  Sources: Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E; the x86-64
 * psABI, "micro-architecture levels".
 */
#ifndef CPUID_H
#define CPUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cpuid_register { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };

struct cpuid {
	uint32_t reg[4]; /* by enum cpuid_register */
};

enum cpuid_vendor { CPUID_INTEL, CPUID_AMD, CPUID_HYGON, CPUID_ZHAOXIN, CPUID_OTHER };

/* Decoded from leaf 1, with the extended fields added. */
struct cpuid_model {
	unsigned family, model, stepping;
};

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf);

/* Points *answers to all results so far, opaque bytes for cpuid_recall(), and returns their
 * number. */
size_t cpuid_answers(const void **answers);

/* Uses the results that cpuid_answers() returned in an earlier process, if the leaves that identify
 * the processor still have the same; returns whether they have. */
bool cpuid_recall(const void *answers, size_t n);

/* The highest basic leaf, and the highest extended leaf (from 0x80000000 on). */
uint32_t cpuid_max(void);
uint32_t cpuid_max_extended(void);

enum cpuid_vendor cpuid_vendor(void);
struct cpuid_model cpuid_model(void);

/* XCR0: the register states that the system saves; 0 if it does not use XSAVE. */
uint64_t cpuid_xcr0(void);

/* The x86-64 level that the processor and the system support: 0 for the baseline, 1 to 3 for
 * x86-64-v2 to v4. */
unsigned arch_isa_level(void);

#endif
