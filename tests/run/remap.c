/* remap.c: ldso/arch/MACHINE/remap.S alone, for checks/exe_link.py: emulators do not have the call that it
 * makes in between, so that the loader does not come to it there.
 *
 * Prints one line for each of what it finds wrong; exits with 1 then.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/remap.h"

enum { PAGES = 3 };

static int wrong;

static void expect(int right, const char *what)
{
	if (!right) {
		printf("wrong: %s\n", what);
		wrong = 1;
	}
}

static char *map(long bytes, int prot, int fd)
{
	int flags = MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0);
	char *at = mmap(NULL, (size_t)bytes, prot, flags, fd, 0);

	if (at == MAP_FAILED)
		exit(2);
	return at;
}

/* A page of 'a', one of 'b', one of 'c'. */
static int make_file(long page)
{
	FILE *file = tmpfile();

	if (!file)
		exit(2);
	for (long i = 0; i < PAGES * page; i++)
		fputc('a' + (int)(i / page), file);
	fflush(file);
	return fileno(file);
}

static long (*copy(long page))(const struct arch_remapping *)
{
	char *at = map(page, PROT_READ | PROT_WRITE, -1);

	memcpy(at, (const void *)arch_remap, (size_t)(arch_remap_end - (const char *)arch_remap));
	if (mprotect(at, (size_t)page, PROT_READ | PROT_EXEC) != 0)
		exit(2);
	return (long (*)(const struct arch_remapping *))at;
}

/* The pages are mapped in another order than they have in the file, so that each shows where it comes from. */
int main(void)
{
	long page = sysconf(_SC_PAGESIZE), result;
	int fd = make_file(page), status;
	long (*remap)(const struct arch_remapping *) = copy(page);
	char *at = map(PAGES * page, PROT_READ | PROT_WRITE, fd);
	char *saved = map(page, PROT_READ | PROT_WRITE, -1);
	uintptr_t first = (uintptr_t)at, size = (uintptr_t)page;
	struct arch_remapping r = {first, PAGES * size, NULL, 104, (uint64_t)fd,
		{{first, size, PROT_READ, 2 * size, NULL},
			{first + size, size, PROT_READ | PROT_WRITE, size, saved},
			{first + 2 * size, size, PROT_READ, 0, NULL}}};
	pid_t child;

	memset(at, 'x', (size_t)(PAGES * page));
	memset(saved, 's', (size_t)page);
	result = remap(&r);
	/* There is no map at NULL; who has no privileges is refused before that. */
	expect(result == -EFAULT || result == -EPERM || result == -EINVAL, "the call's result");
	expect(at[0] == 'c' && at[page - 1] == 'c', "the first page is the file's third");
	expect(at[page] == 's' && at[2 * page - 1] == 's', "the second page is what was saved");
	expect(at[2 * page] == 'a' && at[3 * page - 1] == 'a',
		"the third page is the file's first");
	at[page] = 't';
	expect(at[page] == 't', "the second page is writable");

	r.at++;
	expect(remap(&r) == -EINVAL && at[page] == 't', "what cannot be unmapped stays");
	r.at--;

	r.fd = (uint64_t)-1;
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(remap(&r) == 0 ? 0 : 1);
	waitpid(child, &status, 0);
	expect(WIFEXITED(status) && WEXITSTATUS(status) == 127,
		"the end where nothing can be mapped");
	return wrong;
}
