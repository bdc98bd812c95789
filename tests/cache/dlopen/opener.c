/* Does what its words say, one after the other:
 *
 *	X=NAME,FLAGS	dlopen under the name X: n now, l lazy, g global, d deepbind
 *	X!		calls report() of X; X? the same, and says which exception came out of it
 *	X-		dlclose
 *	choose=N	what the IFUNC resolvers are to choose
 *	move=FROM,TO	puts a file in another's place
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int choose = 1;

#ifdef ID /* the program itself has what the libraries have */
#include "provider.h"
#endif

static void *handles[128];

static void open_one(int x, char *words)
{
	char *flags = strchr(words, ',');
	int mode = 0;

	for (char *f = flags + 1; *f; f++)
		mode |= *f == 'n'   ? RTLD_NOW
			: *f == 'l' ? RTLD_LAZY
			: *f == 'g' ? RTLD_GLOBAL
#ifdef RTLD_DEEPBIND
			: *f == 'd' ? RTLD_DEEPBIND
#endif
				    : 0;
	*flags = 0;
	handles[x] = dlopen(words, mode);
	if (!handles[x])
		printf("%c: %s\n", x, dlerror());
}

static void report(int x)
{
	void (*f)(const char *) = (void (*)(const char *))dlsym(handles[x], "report");
	char name[2] = {(char)x, 0};

	if (f)
		f(name);
	else
		printf("%c: %s\n", x, dlerror());
	fflush(stdout);
}

static void move(char *words)
{
	char *to = strchr(words, ',');

	*to = 0;
	if (rename(words, to + 1) < 0)
		perror(words);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *word = argv[i];

		if (!strncmp(word, "choose=", 7))
			choose = atoi(word + 7);
		else if (!strncmp(word, "move=", 5))
			move(word + 5);
		else if (word[1] == '=')
			open_one(word[0], word + 2);
		else if (word[1] == '!')
			report(word[0]);
		else if (dlclose(handles[(int)word[0]]))
			printf("%c: %s\n", word[0], dlerror());
	}
	return 0;
}
