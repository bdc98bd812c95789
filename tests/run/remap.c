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

static int wrong;

static void expect(int right, const char *what)
{
	if (!right) {
		printf("wrong: %s\n", what);
		wrong = 1;
	}
}

/* A file of three pages: a page of 'a', one of 'b', one of 'c'. */
static int make_file(long page)
{
	FILE *file = tmpfile();
	char *text = malloc((size_t)page);

	if (!file || !text)
		exit(2);
	for (int c = 'a'; c <= 'c'; c++) {
		memset(text, c, (size_t)page);
		fwrite(text, 1, (size_t)page, file);
	}
	fflush(file);
	return fileno(file);
}

static long (*copy(long page))(const struct arch_remapping *)
{
	void *at = mmap(
		NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		exit(2);
	memcpy(at, (const void *)arch_remap, (size_t)(arch_remap_end - (const char *)arch_remap));
	if (mprotect(at, (size_t)page, PROT_READ | PROT_EXEC) != 0)
		exit(2);
	return (long (*)(const struct arch_remapping *))at;
}

int main(void)
{
	long page = sysconf(_SC_PAGESIZE), result;
	int fd = make_file(page), status;
	long (*remap)(const struct arch_remapping *) = copy(page);
	char *at = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, page);
	struct arch_remapping r = {
		(uintptr_t)at, (uintptr_t)page, (uint64_t)fd, (uint64_t)page, NULL, 104};
	pid_t child;

	if (at == MAP_FAILED)
		return 2;
	*at = 'x';
	result = remap(&r);
	/* There is no map at NULL; who has no privileges is refused before that. */
	expect(result == -EFAULT || result == -EPERM || result == -EINVAL, "the call's result");
	expect(*at == 'b' && at[page - 1] == 'b', "the file's bytes");
	expect(mprotect(at, (size_t)page, PROT_READ) == 0, "the page is mapped");

	r.at++;
	expect(remap(&r) == -EINVAL && *at == 'b', "what cannot be unmapped stays");
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
