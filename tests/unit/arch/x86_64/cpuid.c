/* cpuid.c: vendor, model and level of processors that are tables here.  On x86_64. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "arch/x86_64/cpuid.h"

#include <cmocka.h>

static struct {
	uint32_t max, max_extended;
	struct cpuid zero, one, seven, extended;
	uint64_t xcr0;
} cpu;

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	assert_int_equal(subleaf, 0);
	switch (leaf) {
	case 0: cpu.zero.reg[CPUID_EAX] = cpu.max; return cpu.zero;
	case 1: return cpu.one;
	case 7: assert_true(cpu.max >= 7); return cpu.seven;
	case 0x80000000: return (struct cpuid){{cpu.max_extended}};
	case 0x80000001: assert_true(cpu.max_extended >= leaf); return cpu.extended;
	}
	fail_msg("leaf %#x was asked for", leaf);
	return cpu.zero;
}

uint64_t cpuid_xcr0(void)
{
	return cpu.xcr0;
}

/* Everything that x86-64-v4 wants. */
static int reset(void **state)
{
	(void)state;
	memset(&cpu, 0, sizeof(cpu));
	cpu.max = 7;
	cpu.max_extended = 0x80000001;
	cpu.one = (struct cpuid){{0, 0, 0xffffffff, 0xffffffff}};
	cpu.seven = (struct cpuid){{0, 0xffffffff, 0, 0}};
	cpu.extended = (struct cpuid){{0, 0, 0xffffffff, 0}};
	cpu.xcr0 = 0xe7;
	return 0;
}

static void level_needs_every_bit(void **state)
{
	static const struct {
		uint32_t *word;
		unsigned bit, level; /* reached without the bit */
	} bits[] = {
		{&cpu.one.reg[CPUID_EDX], 26, 0},     /* SSE2 */
		{&cpu.one.reg[CPUID_ECX], 13, 0},     /* CMPXCHG16B */
		{&cpu.extended.reg[CPUID_ECX], 0, 0}, /* LAHF */
		{&cpu.one.reg[CPUID_ECX], 28, 1},     /* AVX */
		{&cpu.one.reg[CPUID_ECX], 22, 1},     /* MOVBE */
		{&cpu.extended.reg[CPUID_ECX], 5, 1}, /* LZCNT */
		{&cpu.seven.reg[CPUID_EBX], 5, 1},    /* AVX2 */
		{&cpu.seven.reg[CPUID_EBX], 8, 1},    /* BMI2 */
		{&cpu.seven.reg[CPUID_EBX], 16, 2},   /* AVX512F */
		{&cpu.seven.reg[CPUID_EBX], 31, 2},   /* AVX512VL */
		{&cpu.seven.reg[CPUID_EBX], 27, 3},   /* AVX512ER: not wanted */
	};

	assert_int_equal(arch_isa_level(), 3);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		*bits[i].word &= ~(1u << bits[i].bit);
		assert_int_equal(arch_isa_level(), bits[i].level);
		reset(state);
	}
}

static void level_needs_the_system(void **state)
{
	(void)state;
	cpu.xcr0 = 7; /* no zmm */
	assert_int_equal(arch_isa_level(), 2);
	cpu.xcr0 = 0x67; /* not the last sixteen */
	assert_int_equal(arch_isa_level(), 2);
	cpu.xcr0 = 3; /* no ymm */
	assert_int_equal(arch_isa_level(), 1);
	cpu.xcr0 = 0;
	assert_int_equal(arch_isa_level(), 1);
}

/* A leaf that is not there is not asked for: cpuid() above would fail. */
static void short_of_leaves(void **state)
{
	(void)state;
	cpu.max = 4;
	assert_int_equal(arch_isa_level(), 1);
	cpu.max_extended = 0x80000000;
	assert_int_equal(arch_isa_level(), 0);
}

static void set_vendor(const char *name)
{
	memcpy(&cpu.zero.reg[CPUID_EBX], name, 4);
	memcpy(&cpu.zero.reg[CPUID_EDX], name + 4, 4);
	memcpy(&cpu.zero.reg[CPUID_ECX], name + 8, 4);
}

static void vendors(void **state)
{
	(void)state;
	set_vendor("GenuineIntel");
	assert_int_equal(cpuid_vendor(), CPUID_INTEL);
	set_vendor("AuthenticAMD");
	assert_int_equal(cpuid_vendor(), CPUID_AMD);
	set_vendor("HygonGenuine");
	assert_int_equal(cpuid_vendor(), CPUID_HYGON);
	set_vendor("CentaurHauls");
	assert_int_equal(cpuid_vendor(), CPUID_ZHAOXIN);
	set_vendor("  Shanghai  ");
	assert_int_equal(cpuid_vendor(), CPUID_ZHAOXIN);
	set_vendor("AuthenticABC");
	assert_int_equal(cpuid_vendor(), CPUID_OTHER);
}

static void check_model(uint32_t eax, unsigned family, unsigned model, unsigned stepping)
{
	struct cpuid_model m;

	cpu.one.reg[CPUID_EAX] = eax;
	m = cpuid_model();
	assert_int_equal(m.family, family);
	assert_int_equal(m.model, model);
	assert_int_equal(m.stepping, stepping);
}

static void models(void **state)
{
	(void)state;
	check_model(0x000906ea, 6, 0x9e, 10);   /* Coffee Lake */
	check_model(0x00000f4a, 15, 4, 10);     /* Pentium 4 */
	check_model(0x00a20f12, 0x19, 0x21, 2); /* Zen 3 */
	check_model(0x000307b1, 7, 0x3b, 1);    /* Lujiazui */
	check_model(0x00010543, 5, 4, 3);       /* the extended model does not count */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(level_needs_every_bit, reset),
		cmocka_unit_test_setup(level_needs_the_system, reset),
		cmocka_unit_test_setup(short_of_leaves, reset),
		cmocka_unit_test_setup(vendors, reset),
		cmocka_unit_test_setup(models, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
