/* preferences.c (x86_64): the words of cpu_features that have glibc's own bits, its preferences.
 *
 * Their order has changed several times; the table says which one a build has.  Up to 2.28 there is
 * one word, which also tells what is active; 2.29 to 2.31 have a word for that.
 */
#include "libc/glibc/x86_64/features.h"

enum { NO = 32 }; /* an order has no such bit */

/* The bit of each preference by order: of 2.26, of its stable branch, 2.27, 2.28, 2.29, 2.34,
 * 2.35. */
enum { ORDERS = 7 };
static const uint8_t bits[][ORDERS] = {
	[P_Fast_Rep_String] = {0, 0, 0, 0, 2, 0, 0},
	[P_Fast_Copy_Backward] = {1, 1, 1, 1, 3, 1, 1},
	[P_Slow_BSF] = {2, 2, 2, 2, 6, 2, 2},
	[P_Fast_Unaligned_Load] = {4, 4, 4, 4, 4, 3, 3},
	[P_Prefer_PMINUB_for_stringop] = {5, 5, 5, 5, 10, 4, 4},
	[P_Fast_Unaligned_Copy] = {18, 18, 18, 18, 5, 5, 5},
	[P_I586] = {14, 14, 14, 14, 0, 6, 6},
	[P_I686] = {15, 15, 15, 15, 1, 7, 7},
	[P_Slow_SSE4_2] = {9, 9, 9, 9, 7, 8, 8},
	[P_AVX_Fast_Unaligned_Load] = {11, 11, 11, 11, 8, 9, 9},
	[P_Prefer_MAP_32BIT_EXEC] = {16, 16, 16, 16, 9, 10, NO},
	[P_Prefer_No_VZEROUPPER] = {17, 17, 17, 17, 11, 11, 10},
	[P_Prefer_ERMS] = {19, 19, 19, 19, 12, 12, 11},
	[P_Prefer_No_AVX512] = {22, 20, 20, 20, 14, 13, 12},
	[P_MathVec_Prefer_No_AVX512] = {NO, NO, 21, 21, 15, 14, 13},
	[P_Prefer_FSRM] = {NO, NO, NO, 23, 13, 15, 14},
	[P_Avoid_Short_Distance_REP_MOVSB] = {NO, NO, NO, NO, NO, 17, 15},
	[P_Avoid_Non_Temporal_Memset] = {NO, NO, NO, NO, NO, NO, NO},
	[P_Avoid_STOSB] = {NO, NO, NO, NO, NO, NO, NO},
	[P_Prefer_EVEX512] = {NO, NO, NO, NO, NO, NO, NO},
	[P_Prefer_AVX2_STRCMP] = {NO, NO, NO, 24, 16, 16, NO},
};

/* What is active, among the preferences: with its bit in the orders of before 2.29. */
static const struct {
	uint16_t feature;
	uint8_t bit[4];
} active[] = {
	{F_AVX, {6, 6, 6, 6}},
	{F_FMA, {7, 7, 7, 7}},
	{F_FMA4, {8, 8, 8, 8}},
	{F_AVX2, {10, 10, 10, 10}},
	{F_AVX512F, {12, 12, 12, 12}},
	{F_AVX512DQ, {13, 13, 13, 13}},
	{F_AVX512VL, {NO, NO, NO, 25}},
	{F_AVX512BW, {NO, NO, NO, 26}},
};

/* A column of the tables; ORDERS: the order is that of enum preference. */
static unsigned column_of(unsigned order)
{
	static const uint16_t orders[ORDERS] = {226, 2261, 227, 228, 229, 234, 235};
	unsigned i = 0;

	while (i < ORDERS && orders[i] != order)
		i++;
	return i;
}

static uint32_t bit(unsigned n)
{
	return n < NO ? 1u << n : 0;
}

/* XSAVEC is told only if its area has a size. */
static bool uses_xsavec(const struct features *f)
{
	return f->compact && features_active(f, F_XSAVEC);
}

uint32_t features_preferred(const struct features *f, unsigned order)
{
	static const uint8_t xsavec[] = {NO, 21, 22, 22};
	unsigned column = column_of(order);
	uint32_t word = 0;

	if (column == ORDERS) /* without the last, which went before this order came */
		return f->preferred & ((1u << P_Prefer_AVX2_STRCMP) - 1);
	for (unsigned p = 0; p < sizeof bits / sizeof *bits; p++)
		if (features_prefers(f, p))
			word |= bit(bits[p][column]);
	if (column >= sizeof xsavec)
		return word;
	for (unsigned i = 0; i < sizeof active / sizeof *active; i++)
		if (features_active(f, active[i].feature))
			word |= bit(active[i].bit[column]);
	return uses_xsavec(f) ? word | bit(xsavec[column]) : word;
}

uint32_t features_active_word(const struct features *f)
{
	/* The bit after VPCLMULQDQ's was XOP's, which was never set. */
	static const uint16_t order[] = {F_AVX, F_AVX2, F_AVX512F, F_AVX512CD, F_AVX512ER,
		F_AVX512PF, F_AVX512VL, F_AVX512DQ, F_AVX512BW, F_AVX512_4FMAPS, F_AVX512_4VNNIW,
		F_AVX512_BITALG, F_AVX512_IFMA, F_AVX512_VBMI, F_AVX512_VBMI2, F_AVX512_VNNI,
		F_AVX512_VPOPCNTDQ, F_FMA, F_FMA4, F_VAES, F_VPCLMULQDQ};
	enum { XSAVEC = 22 };
	uint32_t word = uses_xsavec(f) ? 1u << XSAVEC : 0;

	for (unsigned i = 0; i < sizeof order / sizeof *order; i++)
		if (features_active(f, order[i]))
			word |= 1u << i;
	return word;
}
