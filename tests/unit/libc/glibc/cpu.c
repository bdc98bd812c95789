/* cpu.c: the forms that struct cpu_features has had, filled for one processor.
 *
 * Expected are the words that those versions' own ld.so would write: of a Broadwell, 6/0x3d, without
 * transactional memory.  (What a whole structure has on any processor is compared with real ld.so by
 * tests/run/ifunc.py, of the versions that Debian has.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "libc/glibc/layout.h"
#include "libc/glibc/x86_64/cpu.h"
#include "libc/glibc/x86_64/features.h"

#include <cmocka.h>

#define LEAF_1_ECX   0x7ffafbbf
#define LEAF_1_EDX   0xbfebfbff
#define LEAF_7_EBX   0x021c27ab
#define LEAF_8_1_ECX 0x121
#define LEAF_8_1_EDX 0x2c100800
#define INTEL        1

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	static const struct {
		uint32_t leaf, subleaf;
		struct cpuid answer;
	} rows[] = {
		{0, 0, {{0x14, 0x756e6547, 0x6c65746e, 0x49656e69}}},
		{1, 0, {{0x306d4, 0x100800, LEAF_1_ECX, LEAF_1_EDX}}},
		{7, 0, {{0, LEAF_7_EBX, 0, 0}}},
		{0xd, 0, {{7, 0x340, 0x340, 0}}},
		{0xd, 1, {{1, 0, 0, 0}}},
		{0x80000001, 0, {{0, 0, LEAF_8_1_ECX, LEAF_8_1_EDX}}},
		{0x80000007, 0, {{0, 0, 0, 0x100}}},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].leaf == leaf && rows[i].subleaf == subleaf)
			return rows[i].answer;
	return (struct cpuid){{0}};
}

uint64_t cpuid_xcr0(void)
{
	return 7;
}

uint32_t cpuid_max(void)
{
	return 0x14;
}

uint32_t cpuid_max_extended(void)
{
	return 0x80000008;
}

enum cpuid_vendor cpuid_vendor(void)
{
	return CPUID_INTEL;
}

struct cpuid_model cpuid_model(void)
{
	return (struct cpuid_model){.family = 6, .model = 0x3d, .stepping = 4};
}

struct filled {
	struct glibc_build build;
	unsigned char bytes[1024];
};

static void fill(struct filled *f, const char *layout)
{
	struct glibc_cpu_options o = {
		.size[GLIBC_REP_STOSB_THRESHOLD] = {.value = 2048}}; /* the default */
	size_t i = 0;

	while (strcmp(glibc_layout_at(i)->name, layout))
		i++;
	glibc_read_unknown_build(i, &f->build);
	memset(f->bytes, 0, sizeof f->bytes);
	glibc_fill_cpu(&f->build, f->bytes, &o);
}

static uint32_t word(const struct filled *f, size_t at)
{
	uint32_t value;

	memcpy(&value, f->bytes + at, sizeof value);
	return value;
}

/* {kind, max_cpuid, cpuid[3], family, model, ... feature[1]}: one word has preferences and what is
 * active. */
static void first_form(void **state)
{
	enum {
		FAST_REP = 1 << 0,
		FAST_LOAD = 1 << 4,
		PMINUB = 1 << 5,
		AVX = 1 << 6,
		FMA = 1 << 7,
		AVX2 = 1 << 10,
		AVX_FAST = 1 << 11,
		I586 = 1 << 14,
		I686 = 1 << 15,
		FAST_COPY = 1 << 18,
		COMMON = FAST_REP | FAST_LOAD | PMINUB | AVX | FMA | AVX2 | AVX_FAST | I586 | I686 |
			 FAST_COPY,
	};
	static const struct {
		const char *layout;
		size_t feature;
		uint32_t no_avx512,
			others; /* others: bits that only later states of the branch set */
	} forms[] = {
		{"v2_26", 64, 1 << 22, 0},
		{"v2_26_2017_10", 76, 1 << 20, 0},
		{"v2_27", 76, 1 << 20, 0},
		{"v2_28", 76, 1 << 20, 1 << 24 /* Prefer_AVX2_STRCMP */},
		{"v2_28_oe2003", 76, 1 << 20, 1 << 24},
	};
	struct filled f;

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		fill(&f, forms[i].layout);
		assert_int_equal(word(&f, 0), INTEL);
		assert_int_equal(word(&f, 4), 0x14);
		assert_int_equal(word(&f, 8 + 8), LEAF_1_ECX);
		assert_int_equal(word(&f, 8 + 12), LEAF_1_EDX);
		assert_int_equal(word(&f, 8 + 16 + 4), LEAF_7_EBX);
		assert_int_equal(word(&f, 8 + 32 + 8), LEAF_8_1_ECX);
		assert_int_equal(word(&f, 56), 6);
		assert_int_equal(word(&f, 60), 0x3d);
		assert_int_equal(
			word(&f, forms[i].feature), COMMON | forms[i].no_avx512 | forms[i].others);
	}
}

/* {cpuid[6], feature[2], basic}: the first word has what is active. */
static void second_form(void **state)
{
	enum { AVX = 1 << 0, AVX2 = 1 << 1, FMA = 1 << 17 };
	static const char *const layouts[] = {"v2_29", "v2_30", "v2_31", "v2_31_deb"};
	struct filled f;

	(void)state;
	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
		fill(&f, layouts[i]);
		assert_int_equal(word(&f, 8), LEAF_1_ECX);
		assert_int_equal(word(&f, 16 + 4), LEAF_7_EBX);
		assert_int_equal(word(&f, 4 * 16 + 12), 0x100); /* leaf 0x80000007 */
		assert_int_equal(word(&f, 96), AVX | AVX2 | FMA);
		/* I586, I686, Fast_Rep_String, Fast_Unaligned_Load and _Copy, AVX_Fast_Unaligned_Load,
		 * Prefer_PMINUB_for_stringop, Prefer_No_AVX512; Prefer_AVX2_STRCMP of the branches. */
		assert_int_equal(word(&f, 100), 0x4537 | 1 << 16);
		assert_int_equal(word(&f, 104), INTEL);
		assert_int_equal(word(&f, 116), 0x3d);
		assert_int_equal(word(&f, 120), 4);
	}
}

/* {basic, features[] of {cpuid, usable}, preferred}: all that is known counts as usable. */
static void third_form(void **state)
{
	struct filled f;

	(void)state;
	fill(&f, "v2_32");
	assert_int_equal(word(&f, 0), INTEL);
	assert_int_equal(word(&f, 12), 0x3d);
	assert_int_equal(word(&f, 20 + 8), LEAF_1_ECX);
	assert_int_equal(word(&f, 20 + 16 + 4), 0);
	assert_int_equal(word(&f, 20 + 16 + 8), LEAF_1_ECX & 0x7ffeffff);
	assert_int_equal(word(&f, 20 + 16 + 12), LEAF_1_EDX & 0xbfeffbff);
	assert_int_equal(word(&f, 52 + 16 + 4), LEAF_7_EBX & 0xffbfbfbf);
	assert_int_equal(word(&f, 52 + 16 + 12), 0);
	assert_int_equal(word(&f, 84 + 16 + 8), LEAF_8_1_ECX);
	assert_int_equal(word(&f, 244), 0x4537 | 1 << 16);
	assert_int_equal(word(&f, 296), 2048);
	/* RHEL 8.9: 2.33's rules for what is active, in the order of before. */
	fill(&f, "v2_28_el8_9");
	assert_int_equal(word(&f, 0), INTEL);
	assert_int_equal(word(&f, 20 + 16 + 8), LEAF_1_ECX & 0x7ed83203);
	assert_int_equal(word(&f, 20 + 16 + 12), 0x17888110);
	assert_int_equal(word(&f, 276), 0x4537);
	assert_int_equal(word(&f, 328), 2048);
}

/* {basic, features[] of {cpuid, active}, preferred}: the order of 2.33's release is the old one, and
 * Prefer_MAP_32BIT_EXEC came, went and came again. */
static void fourth_form(void **state)
{
	enum {
		/* Fast_Rep_String, Fast_Unaligned_Load, Prefer_PMINUB_for_stringop,
		 * Fast_Unaligned_Copy, I586, I686 and AVX_Fast_Unaligned_Load */
		COMMON = 1 << 0 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 9,
	};
	static const struct {
		const char *layout;
		size_t preferred;
		uint32_t bits;
	} forms[] = {
		{"v2_33", 308 - 32, 0x4537},
		{"v2_33_2022_05", 308 - 32, COMMON | 1 << 13},
		{"v2_34", 308, COMMON | 1 << 13 | 1 << 16 /* Prefer_AVX2_STRCMP */},
		{"v2_34_2021_10", 308, COMMON | 1 << 13},
		{"v2_34_el9_3", 308, COMMON | 1 << 13},
		{"v2_35", 308, COMMON | 1 << 12},
		{"v2_37_2023_10", 308, COMMON | 1 << 12},
		{"v2_38", 308, COMMON | 1 << 13},
		{"v2_39", 340, COMMON | 1 << 13},
	};
	struct filled f;

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		fill(&f, forms[i].layout);
		assert_int_equal(word(&f, 20 + 16 + 8), LEAF_1_ECX & 0x7ed83203);
		assert_int_equal(f.build.layout.cpu.preferred, forms[i].preferred);
		assert_int_equal(word(&f, forms[i].preferred), forms[i].bits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_form),
		cmocka_unit_test(second_form),
		cmocka_unit_test(third_form),
		cmocka_unit_test(fourth_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
