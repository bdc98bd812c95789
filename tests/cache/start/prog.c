/* Says which definitions it and its libraries have got. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *versioned(void), *of_old(void), *pick(void), *of_weak(void), *tag_of_weak(void);
const char *ask_interposed(void), *interposed(void), *indirect(void), *of_ifunc(void),
	*through(void);
int of_strong(void), zeros(void), of_tls(void), of_descriptor(void), of_one(void), of_other(void);
extern int shared[4];
extern char *strings[];

int main(int argc, char **argv)
{
	shared[3] += argc > 9;
	printf("%s, %s\n", versioned(), of_old());
	printf("%s, %s, %s\n", pick(), of_weak(), tag_of_weak());
	printf("%s, %s, %s\n", interposed(), ask_interposed(), strings[2]);
	printf("%d %d %d %d\n", of_strong(), shared[0], zeros(), of_tls());
	printf("%d %d %d\n", of_descriptor(), of_one(), of_other());
	printf("%s, %s, %s\n", indirect(), of_ifunc(), through());
	printf("%zu %.3f %d\n", strlen(argv[0]) != 0, cos((double)argc), time(NULL) > 1000000);
	return 0;
}
