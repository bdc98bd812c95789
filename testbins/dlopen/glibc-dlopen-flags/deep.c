/* Has a who() of its own and asks for it through the PLT. */
#include "named.c"

const char *ask(void);
const char *ask(void)
{
	return who();
}
