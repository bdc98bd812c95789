/*
 * How long a program takes from vfork to its exit, for two builds of it that differ in their
 * loader. The two run in turns on one processor, so that a slow spell of the machine hits both; the
 * order within a turn alternates too. Output: per build the median, the 10th percentile, minor page
 * faults, and the ratio of the medians, second to first.
 *
 *	startup RUNS FIRST SECOND -- ARGV0 [ARG]...
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

extern char **environ;

struct run {
	double us;
	long faults;
};

static void die(const char *what, const char *which, int error)
{
	fprintf(stderr, "startup: %s %s: %s\n", what, which, strerror(error));
	exit(1);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* glibc's posix_spawn is a clone with CLONE_VM and CLONE_VFORK: the parent's size costs nothing. */
static struct run run_once(const char *path, char **argv, posix_spawn_file_actions_t *quiet)
{
	struct rusage usage;
	struct run run;
	pid_t pid;
	int status;
	double start = now_us();
	int error = posix_spawn(&pid, path, quiet, NULL, argv, environ);

	if (error)
		die("cannot start", path, error);
	if (wait4(pid, &status, 0, &usage) < 0)
		die("cannot wait for", path, errno);
	run.us = now_us() - start;
	run.faults = usage.ru_minflt;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "startup: %s: wait status 0x%x, expected exit 0\n", path, status);
		exit(1);
	}
	return run;
}

static int by_time(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return (x->us > y->us) - (x->us < y->us);
}

static int by_faults(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return (x->faults > y->faults) - (x->faults < y->faults);
}

static double report(const char *path, struct run *runs, int count)
{
	double median, p10;

	qsort(runs, count, sizeof(*runs), by_time);
	median = runs[count / 2].us;
	p10 = runs[count / 10].us;
	qsort(runs, count, sizeof(*runs), by_faults);
	printf("%-48s median %7.1f us  p10 %7.1f us  minor faults %ld\n", path, median, p10,
		runs[count / 2].faults);
	return median;
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
	struct run *runs[2];
	double median[2];
	int count = argc > 5 ? atoi(argv[1]) : 0;

	if (count < 10 || strcmp(argv[4], "--") != 0) {
		fprintf(stderr, "usage: startup RUNS(10 or more) FIRST SECOND -- ARGV0 [ARG]...\n");
		return 2;
	}
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	pin();
	for (int which = 0; which < 2; which++) {
		runs[which] = calloc(count, sizeof(struct run));
		run_once(argv[2 + which], argv + 5, &quiet);
	}
	for (int i = 0; i < count; i++)
		for (int turn = 0; turn < 2; turn++) {
			int which = (i ^ turn) & 1;

			runs[which][i] = run_once(argv[2 + which], argv + 5, &quiet);
		}
	for (int which = 0; which < 2; which++)
		median[which] = report(argv[2 + which], runs[which], count);
	printf("%-48s %.3f\n", "ratio of medians", median[1] / median[0]);
	return 0;
}
