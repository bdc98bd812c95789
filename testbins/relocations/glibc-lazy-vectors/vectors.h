/* Functions whose arguments fill registers of each kind. */
typedef double v2 __attribute__((vector_size(16)));
typedef double v4 __attribute__((vector_size(32)));
typedef double v8 __attribute__((vector_size(64)));

v2 add2(v2 a, v2 b, v2 c, v2 d, v2 e, v2 f, v2 g, v2 h);
__attribute__((target("avx"))) v4 add4(v4 a, v4 b, v4 c, v4 d, v4 e, v4 f, v4 g, v4 h);
__attribute__((target("avx512f"))) v8 add8(v8 a, v8 b, v8 c, v8 d, v8 e, v8 f, v8 g, v8 h);
double mixed(int a, double b, long c, double d, void *e, double f, int g, double h, int i, int j,
	double k, double l, double m, double n, double o, long p);
long double wide(long double a, long double b);
_Complex double complex_sum(_Complex double a, _Complex double b);
int variadic(int count, ...);
