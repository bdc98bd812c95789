/* What the program calls: arguments and results of each class of the psABI (3.2.3). */
struct two {
	long whole;
	double real;
};

struct many {
	long n[6];
};

long ints(long a, long b, long c, long d, long e, long f, long g, long h, long i);
double reals(double a, double b, double c, double d, double e, double f, double g, double h, double i);
struct two pair(struct two p);
struct many many(struct many m, int factor);
long sum(int n, ...);
long double extended(long double a);
_Complex long double two_extended(long double a, long double b);
long vectors(int wide);
int changed(int a, double b);
int frames(void);
void leave(int *cleaned);
int unasked(int n);
int once(int n);
