/* Fork: handlers run in order, and parent and child each have a registry of their own. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_maps.h"

static char handlers[100]; /* that have run in this process */

static void prepare(void)
{
	strcat(handlers, " prepare");
}

static void parent(void)
{
	strcat(handlers, " parent");
}

static void child(void)
{
	strcat(handlers, " child");
}

int main(void)
{
	int status;
	pid_t pid;

	pthread_atfork(prepare, parent, child);
	check_maps("before fork");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		check_maps("in the child");
		printf("in the child:%s\n", handlers);
		printf("child opens: %d\n", dlopen("libplugin.so", RTLD_NOW) != NULL);
		check_maps("in the child, after dlopen");
		mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		check_maps("in the child, after mmap");
		fflush(stdout);
		_exit(3);
	}
	waitpid(pid, &status, 0);
	printf("in the parent:%s\n", handlers);
	printf("child's exit: %d\n", WEXITSTATUS(status));
	check_maps("in the parent");
	printf("parent has it: %d\n", dlopen("libplugin.so", RTLD_NOW | RTLD_NOLOAD) != NULL);
	printf("parent opens: %d\n", dlopen("libplugin.so", RTLD_NOW) != NULL);
	check_maps("in the parent, after dlopen");
	return 0;
}
