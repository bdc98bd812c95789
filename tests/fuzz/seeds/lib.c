/* A small library with every kind of thing a dynamic section can speak of; macros leave parts out.
 * It has no constructors and nobody calls it, so a broken copy of it is the loader's affair alone.
 */
#ifdef WITH_NEED
extern int needed_function(int);
extern int needed_data[4];
int *const to_needed = needed_data;
int call_needed(int x)
{
	return needed_function(x) + needed_data[1];
}
#endif

int seed_data[4] = {1, 2, 3, 4};
int seed_zeros[300];
int *seed_pointers[12] = {seed_data, seed_data + 1, seed_zeros, &seed_zeros[7], seed_data};
__attribute__((weak)) extern int seed_absent;
int *seed_weak = &seed_absent;

int seed_function(int x)
{
	return seed_data[x & 3] + seed_zeros[x & 7];
}

int seed_caller(int x)
{
	return seed_function(x) + *seed_pointers[x & 1];
}

#ifdef WITH_TLS
__thread int seed_tls = 42;
__thread long seed_tls_zero[3];
static __thread int seed_tls_local = 7;
int *seed_tls_address(void)
{
	return &seed_tls;
}
int seed_tls_sum(void)
{
	return seed_tls_local++ + (int)seed_tls_zero[1];
}
#endif

#ifdef WITH_IFUNC
static int seed_chosen(int x)
{
	return x + 1;
}
static int (*choose(void))(int)
{
	return seed_chosen;
}
__attribute__((ifunc("choose"))) int seed_ifunc(int x);
int (*seed_ifunc_pointer)(int) = seed_ifunc;
#endif

#ifdef WITH_VERSIONS
__asm__(".symver seed_old, seed_versioned@SEED_1");
__asm__(".symver seed_new, seed_versioned@@SEED_2");
int seed_old(void)
{
	return 1;
}
int seed_new(void)
{
	return 2;
}
#endif
