/* A library that is opened, called and closed: lazy calls of its own and another's functions, TLS,
 * constructors and destructors, an IFUNC.  Its functions return quickly whatever they find and write nothing,
 * so that what goes wrong later is not their doing.
 */
int needed_function(int);
extern int needed_data[4];
int seed_data[4] = {1, 2, 3, 4};
int *seed_pointers[4] = {seed_data, seed_data + 1, needed_data};
static volatile int nothing;
__thread int seed_tls = 42;
static __thread volatile long local_tls[3] = {7};
__attribute__((weak)) int seed_absent(int);

__attribute__((constructor)) static void construct(void)
{
	(void)nothing;
}

__attribute__((destructor)) static void destroy(void)
{
	(void)nothing;
}

int seed_function(int x)
{
	return seed_data[x & 3] + nothing;
}

int seed_lazy(int x)
{
	return seed_function(x) + 1;
}

int seed_lazy_needed(int x)
{
	return needed_function(x) + *seed_pointers[x & 1];
}

int seed_tls_sum(int x)
{
	return seed_tls + (int)local_tls[x & 1];
}

int seed_weak(int x)
{
	return seed_absent ? seed_absent(x) : 0;
}

static int chosen(int x)
{
	return x + 1;
}

static int (*choose(void))(int)
{
	return chosen;
}

__attribute__((ifunc("choose"))) int seed_ifunc(int x);

int seed_ifunc_caller(int x)
{
	return seed_ifunc(x) + 1;
}
