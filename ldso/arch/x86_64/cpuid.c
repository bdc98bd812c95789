/* cpuid.c (x86_64): the CPUID instruction, each leaf at most once, and XGETBV. */
#include "cpuid.h"

#include <stddef.h>

enum { EAX = CPUID_EAX, EBX = CPUID_EBX, ECX = CPUID_ECX, EDX = CPUID_EDX };

/* What was asked so far.  The leaves that a start-up needs are some thirty; should there be more
 * one day, they are asked for again each time. */
static struct {
	struct {
		uint32_t leaf, subleaf;
		struct cpuid answer;
	} known[48];
	unsigned count;
} memory;

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid answer;

	for (unsigned i = 0; i < memory.count; i++)
		if (memory.known[i].leaf == leaf && memory.known[i].subleaf == subleaf)
			return memory.known[i].answer;
	__asm__ volatile("cpuid"
			 : "=a"(answer.reg[EAX]), "=b"(answer.reg[EBX]), "=c"(answer.reg[ECX]),
			 "=d"(answer.reg[EDX])
			 : "a"(leaf), "c"(subleaf));
	if (memory.count < sizeof(memory.known) / sizeof(memory.known[0])) {
		memory.known[memory.count].leaf = leaf;
		memory.known[memory.count].subleaf = subleaf;
		memory.known[memory.count++].answer = answer;
	}
	return answer;
}

uint64_t cpuid_xcr0(void)
{
	uint32_t low, high;

	if (!(cpuid(1, 0).reg[ECX] & 1u << 27)) /* OSXSAVE: XGETBV may be used */
		return 0;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}
