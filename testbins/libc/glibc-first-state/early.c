/* What a constructor of a library finds. */
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;
const char *early_facts(void);

static char text[400];

__attribute__((constructor)) static void find(int argc, char **argv, char **envp)
{
	const char *path = getenv("PATH");

	errno = ENOENT;
	snprintf(text, sizeof text,
		"argc %d, argv[1] %s, environ %d, PATH %d, ctype %d, locale %s, errno %s, self %d",
		argc, argv[1] ? argv[1] : "none", environ == envp, path != NULL, isalpha('x') != 0,
		setlocale(LC_ALL, NULL), strerror(errno), pthread_self() != 0);
}

const char *early_facts(void)
{
	return text;
}
