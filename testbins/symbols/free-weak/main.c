/* Three calls each of a function that one library defines weakly, and of one that only the other
 * has. */
#include "free.h"

const char *where(void), *only(void);

int main(void)
{
	for (int i = 0; i < 3; i++) {
		put(where());
		put(", ");
		put(only());
		put("\n");
	}
	return 0;
}
