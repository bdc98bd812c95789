/* Each result depends on every lane of every argument. */
#include "vectors.h"
#include <stdarg.h>

v2 add2(v2 a, v2 b, v2 c, v2 d, v2 e, v2 f, v2 g, v2 h)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h;
}

v4 add4(v4 a, v4 b, v4 c, v4 d, v4 e, v4 f, v4 g, v4 h)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h;
}

v8 add8(v8 a, v8 b, v8 c, v8 d, v8 e, v8 f, v8 g, v8 h)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h;
}

double mixed(int a, double b, long c, double d, void *e, double f, int g, double h, int i, int j,
	double k, double l, double m, double n, double o, long p)
{
	return a + b * 2 + (double)c + d * 3 + (e != 0) + f * 4 + g + h * 5 + i + j + k * 6 +
	       l * 7 + m * 8 + n * 9 + o * 10 + (double)p;
}

long double wide(long double a, long double b)
{
	return a * b;
}

_Complex double complex_sum(_Complex double a, _Complex double b)
{
	return a + 2 * b;
}

int variadic(int count, ...)
{
	double sum = 0;
	va_list list;

	va_start(list, count);
	while (count--)
		sum += va_arg(list, double);
	va_end(list);
	return (int)sum;
}
