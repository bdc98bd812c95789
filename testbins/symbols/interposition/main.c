/* Who wins when several objects define a symbol: breadth-first order, the program first. */
#include <stdio.h>

#include "check_maps.h"

const char *from_everyone(void), *from_libraries(void), *deep_only(void);
const char *left_view(void), *symbolic_view(void), *protected_view(void), *hidden_view(void);
const char *functions_view(void), *weak_view(void);
extern int weak_nowhere(void) __attribute__((weak));
extern int shared_counter;
int increment(void);

const char *from_everyone(void)
{
	return "program";
}

int main(void)
{
	check_maps("at main");
	printf("from_everyone: %s\n", from_everyone());
	printf("from_libraries: %s\n", from_libraries());
	printf("deep_only: %s\n", deep_only());
	printf("left's view: %s\n", left_view());
	printf("-Bsymbolic library's view: %s\n", symbolic_view());
	printf("-Bsymbolic-functions library's view: %s\n", functions_view());
	printf("protected: %s\n", protected_view());
	printf("hidden: %s\n", hidden_view());
	printf("weak loses to nobody, first wins: %s\n", weak_view());
	printf("undefined weak: %d\n", weak_nowhere ? 1 : 0);
	increment();
	shared_counter += 10;
	printf("one counter: %d\n", increment());
	return 0;
}
