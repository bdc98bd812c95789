/* vector.c: see vector.h. */
#include "lib/vector.h"

#include <stdlib.h>
#include <string.h>

#include "lib/fake_sys.h"

struct vector made;

static uintptr_t *push_strings(uintptr_t *at, const char *const *strings)
{
	while (*strings)
		*at++ = (uintptr_t)*strings++;
	*at++ = 0;
	return at;
}

size_t count_words(const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}

struct config *read_vector(
	const char *const *argv, const char *const *envp, uintptr_t entry, uintptr_t secure)
{
	const uintptr_t auxv[] = {AT_PAGESZ, 4096, AT_PHDR, 0x40, AT_PHNUM, 7, AT_ENTRY, entry,
		AT_SECURE, secure, AT_EXECFN, (uintptr_t) "./execfn", AT_RANDOM, 0x99, AT_HWCAP,
		0xbeef, AT_NULL, 0};
	uintptr_t *at;

	fake_reset();
	free(made.stack);
	made.words = 1 + count_words(argv) + 1 + count_words(envp) + 1 + sizeof auxv / sizeof *auxv;
	at = made.stack = malloc(made.words * sizeof *at);
	*at++ = count_words(argv);
	at = push_strings(at, argv);
	at = push_strings(at, envp);
	memcpy(at, auxv, sizeof auxv);
	memset(&made.config, 0xa5, sizeof made.config);
	config_read(&made.config, made.stack, SELF);
	return &made.config;
}

struct config *as_command(const char *const *argv)
{
	return read_vector(argv, WORDS("HOME=/", "LD_LIBRARY_PATH=/env", "LAST=1"), SELF, 0);
}

struct config *as_interp(const char *const *envp)
{
	return read_vector(WORDS("prog", "--list"), envp, OTHER, 0);
}

int forget_vector(void **state)
{
	(void)state;
	free(made.stack);
	made.stack = NULL;
	return 0;
}
