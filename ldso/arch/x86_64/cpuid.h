/* cpuid.h (x86_64): what the processor says of itself.
 *
 * CPUID traps in a virtual machine (about 5 us), so a leaf is asked for when somebody wants it and
 * then kept.  Sources: Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E; the x86-64 psABI,
 * "micro-architecture levels".
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

/* As leaf 1 encodes it, the extended fields put where they belong. */
struct cpuid_model {
	unsigned family, model, stepping;
};

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf);

/* All answers so far, as bytes that mean something to cpuid_recall() alone, and how many. */
size_t cpuid_answers(const void **answers);

/* Takes such bytes of an earlier process for this processor's answers, if the few leaves that tell
 * processors apart still have the same; false: they don't. */
bool cpuid_recall(const void *answers, size_t n);

/* The highest leaf: of the basic ones, and of those from 0x80000000 on. */
uint32_t cpuid_max(void);
uint32_t cpuid_max_extended(void);

enum cpuid_vendor cpuid_vendor(void);
struct cpuid_model cpuid_model(void);

/* The register states that the system saves, by the bits of XCR0; 0 if it uses no XSAVE. */
uint64_t cpuid_xcr0(void);

/* The level of x86-64 that the processor and the system reach: 0 for the baseline, 1 to 3 for
 * x86-64-v2 to v4. */
unsigned arch_isa_level(void);

#endif
