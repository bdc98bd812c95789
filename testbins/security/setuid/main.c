/* What a set-uid program finds of the environment that its caller chose. */
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

const char *which(void);

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	printf("AT_SECURE %lu\n", getauxval(AT_SECURE));
	printf("library %s\n", which());
	for (; *envp; envp++)
		if (!strncmp(*envp, "LD_", 3) || !strncmp(*envp, "KEPT", 4))
			printf("%.*s\n", (int)strcspn(*envp, "="), *envp);
	return 0;
}
