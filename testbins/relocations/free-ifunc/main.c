/* Indirect functions called directly, through pointers and across libraries. */
#include "free.h"

static int resolver_calls;

static void *resolve(int (*f)(void))
{
	resolver_calls++;
	return f;
}

#include "ifunc.h"

DEFINE_IFUNC(local_choice, 11);
int library_choice(void);
int library_calls_own(void);
int library_pointer(void);
int other_choice(void);

int (*to_local)(void) = local_choice;
int (*to_library)(void) = library_choice;

int main(void)
{
	show("local", local_choice());
	show("local by pointer", to_local());
	show("resolver was called", resolver_calls > 0);
	show("library", library_choice());
	show("library by pointer", to_library());
	show("library calls its own", library_calls_own());
	show("library by its own pointer", library_pointer());
	show("in another library", other_choice());
	return 0;
}
