/* A library whose resolver calls a function of a library that it needs: that one must be relocated
 * before. */
int base_answer(int);

static void *resolve(int (*f)(void))
{
	return base_answer(1) == 2 ? (void *)f : (void *)0;
}

#include "ifunc.h"

DEFINE_IFUNC(library_choice, 22);
static int (*const own_pointer)(void) = library_choice;

int library_calls_own(void)
{
	return library_choice();
}

int library_pointer(void)
{
	return own_pointer();
}
