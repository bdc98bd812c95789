/* cpuid.c (x86_64): the CPUID instruction, each leaf at most once, and XGETBV. */
#include "arch/x86_64/cpuid.h"

#include <stdbool.h>
#include <stddef.h>

enum { EAX = CPUID_EAX, EBX = CPUID_EBX, ECX = CPUID_ECX, EDX = CPUID_EDX };

/* Results so far.  A start-up needs some thirty leaves; those that exceed the table are not
 * kept. */
struct known {
	uint32_t leaf, subleaf;
	struct cpuid answer;
};

static struct {
	struct known known[48];
	unsigned count;
} memory;

static struct cpuid execute_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid answer;

	__asm__ volatile("cpuid"
			 : "=a"(answer.reg[EAX]), "=b"(answer.reg[EBX]), "=c"(answer.reg[ECX]),
			 "=d"(answer.reg[EDX])
			 : "a"(leaf), "c"(subleaf));
	return answer;
}

static const struct known *find(uint32_t leaf, uint32_t subleaf)
{
	for (unsigned i = 0; i < memory.count; i++)
		if (memory.known[i].leaf == leaf && memory.known[i].subleaf == subleaf)
			return &memory.known[i];
	return NULL;
}

static void keep(struct known k)
{
	if (memory.count < sizeof(memory.known) / sizeof(memory.known[0]))
		memory.known[memory.count++] = k;
}

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	const struct known *known = find(leaf, subleaf);
	struct cpuid answer;

	if (known)
		return known->answer;
	answer = execute_cpuid(leaf, subleaf);
	keep((struct known){leaf, subleaf, answer});
	return answer;
}

size_t cpuid_answers(const void **answers)
{
	*answers = memory.known;
	return memory.count * sizeof(memory.known[0]);
}

/* The leaves that are always executed: vendor, model and instruction sets, which identify the
 * processor.  They do not change while a kernel runs, but a user-mode emulator of another processor
 * may run the program.  The other leaves have the sizes of the caches and the like. */
static bool is_signature(const struct known *k)
{
	return k->leaf == 0 || k->leaf == 1 || k->leaf == 7 || k->leaf == 0xd ||
	       k->leaf == 0x80000001;
}

/* Compares two results of the leaf, except for leaf 1's EBX, bits 31 to 24: the number of the core
 * that executed it (SDM 2A, "CPUID"). */
static bool is_same(const struct known *k, const struct cpuid *now)
{
	uint32_t differ = (k->answer.reg[EBX] ^ now->reg[EBX]) & (k->leaf == 1 ? 0xffffff : ~0u);

	return !differ && k->answer.reg[EAX] == now->reg[EAX] &&
	       k->answer.reg[ECX] == now->reg[ECX] && k->answer.reg[EDX] == now->reg[EDX];
}

bool cpuid_recall(const void *answers, size_t n)
{
	const struct known *k = answers, *end = k + n / sizeof(*k);

	for (const struct known *s = k; s < end; s++) {
		struct cpuid now = {{0}};

		if (!is_signature(s))
			continue;
		now = cpuid(s->leaf, s->subleaf);
		if (!is_same(s, &now))
			return false;
	}
	for (; k < end; k++)
		if (!find(k->leaf, k->subleaf))
			keep(*k);
	return true;
}

uint64_t cpuid_xcr0(void)
{
	uint32_t low, high;

	if (!(cpuid(1, 0).reg[ECX] & 1u << 27)) /* OSXSAVE: XGETBV may be used */
		return 0;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}
