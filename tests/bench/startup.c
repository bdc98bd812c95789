/* startup.c: times whole runs of programs, from vfork until the parent knows of their end.
 *
 *	startup RUNS NAME <WAYS >CSV
 *
 * WAYS lists the ways to run, one word a line behind its tag:
 *
 *	way NAME        begins one
 *	exe PATH        the file; arg and env lines are its argument and environment vectors
 *	exit STATUS     what it must end with; anything else ends the measurement, as nobody would
 *	                know what was measured
 *
 * All ways take turns on one processor, so that a slow spell of the machine hits all; each
 * turn begins with another one. CSV: a line "WAY,MICROSECONDS,ON THE PROCESSOR,MINOR FAULTS,MAJOR
 * FAULTS" a run. On a terminal a line tells the turn, behind NAME.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WAYS = 64, WORDS = 256 };

struct way {
	char *name, *exe;
	char *argv[WORDS], *envp[WORDS];
	int argc, envc, status;
};

struct run {
	double us,
		cpu; /* microseconds; of the processor's: what others do meanwhile does not count */
	long minor, major;
};

static struct way ways[WAYS];
static int nways;

static void die(const char *what, const char *which, int error)
{
	fprintf(stderr, "startup: %s %s: %s\n", what, which, strerror(error));
	exit(1);
}

static char *copy(const char *text)
{
	char *mine = strdup(text);

	if (!mine)
		die("no memory for", text, ENOMEM);
	return mine;
}

static void add_word(char **list, int *count, const char *word)
{
	if (*count == WORDS - 1)
		die("too many words:", word, E2BIG);
	list[(*count)++] = copy(word);
}

static void read_line(const char *tag, const char *word)
{
	struct way *w = nways ? &ways[nways - 1] : NULL;

	if (!strcmp(tag, "way") && nways < WAYS)
		ways[nways++].name = copy(word);
	else if (w && !strcmp(tag, "exe"))
		w->exe = copy(word);
	else if (w && !strcmp(tag, "arg"))
		add_word(w->argv, &w->argc, word);
	else if (w && !strcmp(tag, "env"))
		add_word(w->envp, &w->envc, word);
	else if (w && !strcmp(tag, "exit"))
		w->status = atoi(word);
	else
		die("not a line of a way:", tag, EINVAL);
}

static void read_ways(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) > 0) {
		char *word = strchr(line, ' ');

		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		if (!word)
			die("not a tag and a word:", line, EINVAL);
		*word = 0;
		read_line(line, word + 1);
	}
	free(line);
	for (int i = 0; i < nways; i++)
		if (!ways[i].exe || !ways[i].argc)
			die("no exe or arg:", ways[i].name, EINVAL);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static double microseconds(const struct timeval *t)
{
	return t->tv_sec * 1e6 + t->tv_usec;
}

/* glibc's posix_spawn is a clone with CLONE_VM and CLONE_VFORK: the parent's size costs nothing. */
static struct run run_once(const struct way *w, const posix_spawn_file_actions_t *quiet)
{
	struct rusage usage;
	struct run run;
	pid_t pid;
	int status;
	double start = now_us();
	int error = posix_spawn(&pid, w->exe, quiet, NULL, w->argv, w->envp);

	if (error)
		die("cannot start", w->exe, error);
	if (wait4(pid, &status, 0, &usage) < 0)
		die("cannot wait for", w->exe, errno);
	run.us = now_us() - start;
	run.cpu = microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime);
	run.minor = usage.ru_minflt;
	run.major = usage.ru_majflt;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != w->status) {
		fprintf(stderr, "startup: %s (%s): wait status 0x%x, expected exit %d\n", w->name,
			w->exe, status, w->status);
		exit(1);
	}
	return run;
}

static void pin(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		die("cannot pin to", "one processor", errno);
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t quiet;
	struct run *runs;
	int turns = argc == 3 ? atoi(argv[1]) : 0;

	if (turns < 1) {
		fprintf(stderr, "usage: startup RUNS NAME <WAYS >CSV\n");
		return 2;
	}
	read_ways();
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
	pin();
	runs = calloc((size_t)turns * (size_t)nways, sizeof *runs);
	if (!runs)
		die("no memory for", "the runs", errno);
	for (int i = 0; i < turns; i++) {
		if (isatty(2))
			fprintf(stderr, "\r\033[K%s: turn %d of %d", argv[2], i + 1, turns);
		for (int turn = 0; turn < nways; turn++) {
			int which = (i + turn) % nways;

			runs[i * nways + which] = run_once(&ways[which], &quiet);
		}
	}
	for (int i = 0; i < turns * nways; i++)
		printf("%s,%.1f,%.0f,%ld,%ld\n", ways[i % nways].name, runs[i].us, runs[i].cpu,
			runs[i].minor, runs[i].major);
	return 0;
}
