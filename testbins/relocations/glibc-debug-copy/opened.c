#include <link.h>
#include <stdio.h>

/* Objects are being added no more when constructors run. */
__attribute__((constructor)) static void begin(void)
{
	struct r_debug *copy = &_r_debug;

	printf("constructor: state %d\n", copy->r_state);
}
