/* SVE: arguments in z0-z7 and p0-p3, which only a variant_pcs call may pass; the linker marks such
 * a function, and the loader binds it eagerly since its resolver need not save them. */
#ifdef __aarch64__
#include <arm_sve.h>

#include "free.h"

int sum_scalable(svbool_t, svfloat64_t, svfloat64_t, svfloat64_t, svfloat64_t, svfloat64_t,
	svfloat64_t, svfloat64_t, svfloat64_t);

#ifdef LIBRARY
int sum_scalable(svbool_t p, svfloat64_t a, svfloat64_t b, svfloat64_t c, svfloat64_t d,
	svfloat64_t e, svfloat64_t f, svfloat64_t g, svfloat64_t h)
{
	double x = svaddv(p, a) + 2 * svaddv(p, b) + 3 * svaddv(p, c) + 4 * svaddv(p, d);

	return (int)(x + 5 * svaddv(p, e) + 6 * svaddv(p, f) + 7 * svaddv(p, g) + 8 * svaddv(p, h));
}
#else
void call_scalable(void);
void call_scalable(void)
{
	show("scalable vectors, sum by lanes",
		sum_scalable(svptrue_b64(), svdup_f64(1), svdup_f64(2), svdup_f64(3), svdup_f64(4),
			svdup_f64(5), svdup_f64(6), svdup_f64(7), svdup_f64(8)) /
			(int)svcntd());
}
#endif
#endif
