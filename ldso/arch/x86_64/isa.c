/* isa.c (x86_64): what is decoded from CPUID leaves: vendor, model, and the x86-64 level. */
#include "arch/x86_64/cpuid.h"

#include <stdbool.h>
#include <stddef.h>

enum { EAX = CPUID_EAX, EBX = CPUID_EBX, ECX = CPUID_ECX, EDX = CPUID_EDX };

uint32_t cpuid_max(void)
{
	return cpuid(0, 0).reg[EAX];
}

uint32_t cpuid_max_extended(void)
{
	return cpuid(0x80000000, 0).reg[EAX];
}

enum cpuid_vendor cpuid_vendor(void)
{
	/* The twelve letters in the order of the registers ebx, edx, ecx. */
	static const struct {
		uint32_t ebx, edx, ecx;
		enum cpuid_vendor vendor;
	} names[] = {
		{0x756e6547, 0x49656e69, 0x6c65746e, CPUID_INTEL},   /* GenuineIntel */
		{0x68747541, 0x69746e65, 0x444d4163, CPUID_AMD},     /* AuthenticAMD */
		{0x6f677948, 0x6e65476e, 0x656e6975, CPUID_HYGON},   /* HygonGenuine */
		{0x746e6543, 0x48727561, 0x736c7561, CPUID_ZHAOXIN}, /* CentaurHauls */
		{0x68532020, 0x68676e61, 0x20206961, CPUID_ZHAOXIN}, /* "  Shanghai  " */
	};
	struct cpuid zero = cpuid(0, 0);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].ebx == zero.reg[EBX] && names[i].edx == zero.reg[EDX] &&
			names[i].ecx == zero.reg[ECX])
			return names[i].vendor;
	return CPUID_OTHER;
}

struct cpuid_model cpuid_model(void)
{
	uint32_t eax = cpuid(1, 0).reg[EAX];
	struct cpuid_model m = {eax >> 8 & 0xf, eax >> 4 & 0xf, eax & 0xf};

	/* The extended model is used for families 6 and 15 (SDM), and by Zhaoxin for 7 as well. */
	if (m.family == 6 || m.family == 7 || m.family == 0xf)
		m.model += eax >> 12 & 0xf0;
	if (m.family == 0xf)
		m.family += eax >> 20 & 0xff;
	return m;
}

static bool has(uint32_t word, uint32_t bits)
{
	return (word & bits) == bits;
}

enum {
	/* leaf 1, edx */
	FPU = 1 << 0,
	CX8 = 1 << 8,
	CMOV = 1 << 15,
	MMX = 1 << 23,
	FXSR = 1 << 24,
	SSE = 1 << 25,
	SSE2 = 1 << 26,
	/* leaf 1, ecx */
	SSE3 = 1 << 0,
	SSSE3 = 1 << 9,
	FMA = 1 << 12,
	CMPXCHG16B = 1 << 13,
	SSE4_1 = 1 << 19,
	SSE4_2 = 1 << 20,
	MOVBE = 1 << 22,
	POPCNT = 1 << 23,
	AVX = 1 << 28,
	F16C = 1 << 29,
	/* leaf 0x80000001, ecx */
	LAHF = 1 << 0,
	LZCNT = 1 << 5,
	/* leaf 7, ebx */
	BMI1 = 1 << 3,
	AVX2 = 1 << 5,
	BMI2 = 1 << 8,
	/* XCR0: the halves of the ymm registers; masks and both parts of the zmm registers */
	XCR0_YMM = 0x6,
	XCR0_ZMM = 0xe6,
};
#define AVX512 (1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31) /* leaf 7: F DQ CD BW VL */

unsigned arch_isa_level(void)
{
	struct cpuid one = cpuid(1, 0);
	uint32_t extended = cpuid_max_extended() >= 0x80000001 ? cpuid(0x80000001, 0).reg[ECX] : 0;
	uint32_t seven;

	if (!has(one.reg[EDX], FPU | CX8 | CMOV | MMX | FXSR | SSE | SSE2) ||
		!has(one.reg[ECX], CMPXCHG16B | POPCNT | SSE3 | SSSE3 | SSE4_1 | SSE4_2) ||
		!has(extended, LAHF))
		return 0;
	if (cpuid_max() < 7 || !has(cpuid_xcr0(), XCR0_YMM) ||
		!has(one.reg[ECX], AVX | F16C | FMA | MOVBE) || !has(extended, LZCNT))
		return 1;
	seven = cpuid(7, 0).reg[EBX];
	if (!has(seven, AVX2 | BMI1 | BMI2))
		return 1;
	return has(cpuid_xcr0(), XCR0_ZMM) && has(seven, AVX512) ? 3 : 2;
}
