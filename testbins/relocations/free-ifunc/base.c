static int answers[] = {1, 2, 3};
static int *table = answers; /* RELATIVE: wrong until this library is relocated */

static void *resolve(int (*f)(void))
{
	return f;
}

#include "ifunc.h"

DEFINE_IFUNC(other_choice, 33);

int base_answer(int i)
{
	return table[i];
}
