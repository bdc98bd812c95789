#include <stdarg.h>

struct pair {
	double x;
	long y;
};
struct big {
	long part[8];
};

int sum_integers(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j)
{
	return (int)(a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j);
}

int sum_doubles(
	double a, double b, double c, double d, double e, double f, double g, double h, double i)
{
	return (int)(a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i);
}

int sum_mixed(int a, double b, long c, float d, int e, double f, char g, float h)
{
	return (int)(a + 2 * b + 3 * (double)c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h);
}

struct pair give_pair(struct pair a, struct pair b)
{
	return (struct pair){a.x * 10 + b.x, a.y * 10 + b.y};
}

struct big give_big(long x)
{
	struct big b = {{x, 2, 3, 4, 5, 6, 7, x * x}};

	return b;
}

int variadic(int n, ...)
{
	va_list arguments;
	double sum = 0;

	va_start(arguments, n);
	while (n--)
		sum = sum * 10 + va_arg(arguments, double);
	va_end(arguments);
	return (int)sum;
}
