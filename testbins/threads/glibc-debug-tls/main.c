/* Starts threads, and prints what the trace in the file ARGV[1].PID tells of them: without numbers of
 * processes and threads, and with names in place of addresses. */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ADDRESSES = 16, STACK = 1 << 20 };

static void *nothing(void *data)
{
	return data;
}

static int run_thread(const pthread_attr_t *how)
{
	pthread_t thread;

	return pthread_create(&thread, how, nothing, NULL) || pthread_join(thread, NULL);
}

static int run_on_own_stack(void)
{
	void *stack = NULL;
	pthread_attr_t how;

	return posix_memalign(&stack, 4096, STACK) || pthread_attr_init(&how) ||
	       pthread_attr_setstack(&how, stack, STACK) || run_thread(&how);
}

static unsigned name_of(unsigned long address)
{
	static unsigned long known[ADDRESSES];
	static unsigned count;
	unsigned i = 0;

	while (i < count && known[i] != address)
		i++;
	if (i == count && count < ADDRESSES)
		known[count++] = address;
	return i;
}

static void print_line(const char *line)
{
	const char *at = strchr(line, '\t') ? strchr(line, '\t') + 1 : line;
	char *end;

	while (*at) {
		if (!strncmp(at, "0x", 2)) {
			printf("A%u", name_of(strtoul(at, &end, 16)));
			at = end;
		} else if (!strncmp(at, "TID=", 4)) {
			printf("TID");
			strtoul(at + 4, &end, 10);
			at = end;
		} else {
			putchar(*at++);
		}
	}
}

static int print_trace(const char *prefix)
{
	char path[PATH_MAX], line[256];
	FILE *trace;

	snprintf(path, sizeof path, "%s.%ld", prefix, (long)getpid());
	trace = fopen(path, "r");
	if (!trace) {
		perror(path);
		return 1;
	}
	while (fgets(line, sizeof line, trace))
		print_line(line);
	fclose(trace);
	return unlink(path);
}

int main(int argc, char **argv)
{
	if (argc != 2 || run_thread(NULL) || run_thread(NULL) || run_on_own_stack())
		return 2;
	return print_trace(argv[1]);
}
