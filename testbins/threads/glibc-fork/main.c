/* Children of every kind, and what still works in them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_maps.h"

static int (*count)(void);

static int parents; /* counted, for the child writes at the same time */

static void before(void)
{
	puts("  program: before fork");
}

static void in_parent(void)
{
	parents++;
}

static void in_child(void)
{
	puts("  program: in the child");
}

static void *thread(void *unused)
{
	(void)unused;
	return (void *)(long)count();
}

static int ended(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void child(void)
{
	void *handle = dlopen("libplugin.so", RTLD_NOW), *result = NULL;
	pthread_t id;

	count = handle ? (int (*)(void))dlsym(handle, "plugin_count") : NULL;
#ifdef __x86_64__ /* an emulator may have memory of its own beside the child's */
	check_maps("in the child");
#endif
	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, &result);
	printf("child: %ld, pid %d, tid equal %d\n", (long)result, getpid() != getppid(),
		gettid() == getpid());
	exit(count() + count());
}

static void plain_fork(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		child();
	printf("fork: exit %d, %d handlers in the parent\n", ended(pid), parents);
}

static void *forks(void *unused)
{
	(void)unused;
	plain_fork();
	return NULL;
}

int main(void)
{
	char *const arguments[] = {"sh", "-c", "exit 9", NULL}, *const none[] = {NULL};
	char line[40] = "";
	void *plugin;
	pthread_t id;
	FILE *pipe;
	pid_t pid;
	int r;

	setvbuf(stdout, NULL, _IONBF, 0);
	pthread_atfork(before, in_parent, in_child);
	plain_fork();
	plugin = dlopen("libplugin.so", RTLD_LAZY);
	count = (int (*)(void))dlsym(plugin, "plugin_count");
	plain_fork();
	pthread_create(&id, NULL, forks, NULL);
	pthread_join(id, NULL);
	printf("the parent's own: %d, %d handlers\n", count(),
		*(int *)dlsym(plugin, "plugin_parents"));
	pid = vfork();
	if (!pid) {
		execle("/bin/sh", "sh", "-c", "exit 7", NULL, none);
		_exit(1);
	}
	printf("vfork: exit %d\n", ended(pid));
	r = posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments, none);
	printf("posix_spawn: %d, exit %d\n", r, ended(pid));
	r = posix_spawn(&pid, "/no/such/program", NULL, NULL, arguments, none);
	printf("posix_spawn of nothing: %s\n", strerror(r));
	unsetenv("LD_LIBRARY_PATH"); /* /bin/sh has a libc of its own */
	printf("system: %d\n", WEXITSTATUS(system("exit 5")));
	pipe = popen("echo through a pipe", "r");
	printf("popen: %s", fgets(line, sizeof(line), pipe));
	printf("pclose: %d\n", pclose(pipe));
	return 0;
}
