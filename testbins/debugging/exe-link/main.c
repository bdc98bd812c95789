/* What /proc/self tells of this process: exe, cmdline, comm, environ, auxv. */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static char buf[1 << 16];

static ssize_t contents(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof buf);

	close(fd);
	return n;
}

static void print_words(const char *path)
{
	ssize_t n = contents(path);

	printf("%s:", path);
	for (ssize_t at = 0; at < n; at += (ssize_t)strlen(buf + at) + 1)
		printf(" [%s]", buf + at);
	puts("");
}

int main(int argc, char **argv)
{
	static const unsigned long types[] = {AT_PHDR, AT_PHNUM, AT_ENTRY, AT_RANDOM};
	ssize_t n = readlink("/proc/self/exe", buf, sizeof buf - 1);

	printf("exe: %.*s\n", (int)n, buf);
	print_words("/proc/self/cmdline");
	print_words("/proc/self/comm");
	print_words("/proc/self/environ");
	n = contents("/proc/self/auxv");
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (ssize_t at = 0; at + 16 <= n; at += 16) {
			unsigned long entry[2];

			memcpy(entry, buf + at, sizeof entry);
			if (entry[0] == types[i])
				printf("auxv %lu: %s\n", types[i],
					entry[1] == getauxval(types[i]) ? "mine" : "another's");
		}
	return argc != 3 || strcmp(argv[2], "two words");
}
