/* Which writes and jumps the protections allow: each attempt is made in a child of its own. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_maps.h"

extern void *library_relro(void), *library_data(void), *library_text(void);

static int target;
static int *const relro = &target;
static int data = 1;
static const char text_data[] = "constant";

static void attempt(const char *what, void *p)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile char *)p = *(volatile char *)p;
		_exit(0);
	}
	waitpid(child, &status, 0);
	printf("write to %s: %s\n", what,
		WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ? "SIGSEGV" : "works");
}

/* Whether a line of /proc/self/maps that contains what has x among its permissions. */
static int executable(const char *what)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");
	int found = 0;

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, what))
			found = strchr(line, ' ')[3] == 'x';
	if (maps)
		fclose(maps);
	return found;
}

int main(void)
{
	check_maps("at main");
	attempt("program's RELRO", (void *)&relro);
	attempt("program's data", &data);
	attempt("program's constants", (void *)text_data);
	attempt("program's text", (void *)main);
	attempt("library's RELRO", library_relro());
	attempt("library's data", library_data());
	attempt("library's text", library_text());
	attempt("libc's text", (void *)strlen);
	printf("stack executable: %d\n", executable("[stack]"));
	check_maps("after forks");
	return 0;
}
