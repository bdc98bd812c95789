#include "calls.h"
#include <complex.h>
#include <pthread.h>
#include <stdarg.h>
#include <unwind.h>

long ints(long a, long b, long c, long d, long e, long f, long g, long h, long i)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i;
}

double reals(double a, double b, double c, double d, double e, double f, double g, double h, double i)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i;
}

struct two pair(struct two p)
{
	return (struct two){2 * p.whole, 3 * p.real};
}

struct many many(struct many m, int factor)
{
	for (int i = 0; i < 6; i++)
		m.n[i] *= factor;
	return m;
}

long sum(int n, ...)
{
	double total = 0;
	va_list args;

	va_start(args, n);
	for (int i = 0; i < n; i++)
		total += i % 2 ? va_arg(args, double) : va_arg(args, int);
	va_end(args);
	return (long)total;
}

long double extended(long double a)
{
	return a / 3;
}

_Complex long double two_extended(long double a, long double b)
{
	return CMPLXL(a, b);
}

int changed(int a, double b)
{
	return a + (int)b;
}

static _Unwind_Reason_Code count(struct _Unwind_Context *context, void *n)
{
	(void)context;
	++*(int *)n;
	return _URC_NO_REASON;
}

/* Whether an unwinder comes as far as main()'s caller. */
int frames(void)
{
	int n = 0;

	_Unwind_Backtrace(count, &n);
	return n > 3;
}

static void note(void *cleaned)
{
	++*(int *)cleaned;
}

/* Ends the thread: the frames of its callers are unwound. */
void leave(int *cleaned)
{
	pthread_cleanup_push(note, cleaned);
	pthread_exit(cleaned);
	pthread_cleanup_pop(0);
}

int unasked(int n)
{
	return n + 1;
}

int once(int n)
{
	return n + 2;
}
