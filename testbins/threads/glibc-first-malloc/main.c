/* ld.so takes the dtv of a new thread from the program's calloc: it is called, by the thread that
 * calls pthread_create(), before the new thread runs.  libc's malloc counts on that: its first call
 * must not come from several threads at once. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static char memory[1 << 20];
static size_t used;
static unsigned calls;

void *malloc(size_t n)
{
	size_t *p = (size_t *)(memory + used);

	calls++;
	used += (n + 2 * sizeof *p + 15) & ~(size_t)15;
	*p = n;
	return used <= sizeof memory ? p + 2 : NULL;
}

void *calloc(size_t n, size_t size)
{
	return malloc(n * size);
}

void *realloc(void *old, size_t n)
{
	void *p = malloc(n);

	return old && p ? memcpy(p, old, ((size_t *)old)[-2]) : p;
}

void free(void *p)
{
	(void)p;
}

static void *thread(void *arg)
{
	return (void *)(uintptr_t)(calls > *(unsigned *)arg);
}

int main(void)
{
	unsigned before = calls;
	void *called;
	pthread_t t;

	if (pthread_create(&t, NULL, thread, &before) || pthread_join(t, &called))
		return 1;
	dprintf(1, "%s\n", called ? "called before the thread" : "not called before the thread");
	return 0;
}
