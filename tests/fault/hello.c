/* A program with two libraries, the second of which the first needs as well; and where its loader
 * lies, for who traces it. */
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

extern int first(void), second(void);

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "base"))
		printf("%lx\n", getauxval(AT_BASE));
	else
		printf("hello %d %d\n", first(), second());
	return 0;
}
