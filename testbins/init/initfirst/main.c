/* DF_1_INITFIRST: a library whose constructors run before everybody else's. */
#include "free.h"

void first(void), second(void), early(void);

int main(void)
{
	put("main\n");
	first();
	second();
	early();
	return 0;
}
