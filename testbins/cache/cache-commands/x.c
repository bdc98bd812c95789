/* A constructor that is heard, and something to bind. */
#include <unistd.h>

#ifdef OTHER
#define NAME "other"
#else
#define NAME "libx"
#endif

const char *x_name = NAME;

__attribute__((constructor)) static void construct(void)
{
	if (write(1, "constructed\n", 12) < 0)
		_exit(1);
}

const char *x(void)
{
	return x_name;
}
