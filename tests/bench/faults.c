/* faults.c: what touching memory costs in page faults, by the ways in which a loader touches it.
 *
 * Maps PAGES pages of a file it writes first (so that they are in the page cache) and as many of
 * zeros, as a loader maps .text, .data and .bss, and counts the minor faults (getrusage) of each
 * step.  Output: one line a step.  The file lies in the current directory while it runs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGES = 64 };

static size_t page;
static int file;
static long before;

static void die(const char *what)
{
	fprintf(stderr, "faults: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

static void begin(void)
{
	before = faults();
}

static void end(const char *step)
{
	long took = faults() - before;

	printf("%-62s %4ld\n", step, took);
	fflush(stdout);
}

static void read_pages(volatile char *at)
{
	for (size_t i = 0; i < PAGES; i++)
		(void)at[i * page];
}

static void write_pages(volatile char *at)
{
	for (size_t i = 0; i < PAGES; i++)
		at[i * page] = 1;
}

static char *map(int prot, int fd)
{
	int anonymous = fd < 0 ? MAP_ANONYMOUS : 0;
	char *at = mmap(NULL, PAGES * page, prot, MAP_PRIVATE | anonymous, fd, 0);

	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

static void protect(char *at, int prot)
{
	if (mprotect(at, PAGES * page, prot))
		die("mprotect");
}

/* In the current directory: /tmp may be memory. */
static void make_file(void)
{
	char name[] = "faults.XXXXXX", *zeros = calloc(PAGES, page);

	file = mkstemp(name);
	if (!zeros || file < 0 || write(file, zeros, PAGES * page) != (ssize_t)(PAGES * page))
		die("cannot make a file");
	unlink(name);
	free(zeros);
}

static void text(void)
{
	char *at;

	begin();
	at = map(PROT_READ | PROT_EXEC, file);
	end("text: mmap");
	begin();
	(void)*(volatile char *)at;
	end("text: read one byte");
	begin();
	read_pages(at);
	end("text: read every page");
	begin();
	protect(at, PROT_READ | PROT_WRITE);
	write_pages(at);
	protect(at, PROT_READ | PROT_EXEC);
	end("text: written to (DT_TEXTREL)");
	begin();
	read_pages(at);
	end("text: read again");
}

static void data(void)
{
	char *at = map(PROT_READ | PROT_WRITE, file);

	begin();
	write_pages(at);
	end("data: write every page");
	begin();
	protect(at, PROT_READ);
	read_pages(at);
	end("data: RELRO (mprotect), read every page");
	at = map(PROT_READ | PROT_WRITE, file);
	begin();
	read_pages(at);
	end("data, mapped again: read every page");
	begin();
	write_pages(at);
	end("data, mapped again: then write every page");
}

static void bss(void)
{
	char *at;

	begin();
	at = map(PROT_READ | PROT_WRITE, -1);
	end("bss: mmap");
	begin();
	read_pages(at);
	end("bss: read every page (the zero page)");
	begin();
	write_pages(at);
	end("bss: then write every page");
	at = map(PROT_READ | PROT_WRITE, -1);
	begin();
	write_pages(at);
	end("bss, mapped again: write every page");
	at = map(PROT_NONE, -1);
	begin();
	protect(at, PROT_READ | PROT_WRITE);
	end("reserved (PROT_NONE): mprotect to read-write");
	begin();
	write_pages(at);
	end("reserved: then write every page");
}

static void forked(void)
{
	char *at = map(PROT_READ | PROT_WRITE, file);
	pid_t child;

	write_pages(at);
	fflush(stdout);
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		begin(); /* its own copy of the page that holds `before` */
		begin();
		read_pages(at);
		end("data after fork: the child reads every page");
		begin();
		write_pages(at);
		end("data after fork: the child writes every page");
		_exit(0);
	}
	waitpid(child, NULL, 0);
	begin();
	write_pages(at);
	end("data after fork, child gone: the parent writes every page");
}

int main(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	make_file();
	printf("%d pages of %zu bytes\n", PAGES, page);
	begin();
	end("nothing");
	text();
	data();
	bss();
	forked();
	return 0;
}
