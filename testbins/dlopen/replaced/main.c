/* Opens a path behind which there is another file each time.  The names in it do not depend on the
 * process: a folder below /tmp is the current one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define FD 77

static char folder[] = "/tmp/replaced.XXXXXX";
static char one[4096], two[4096];

static void copy(const char *from, int to)
{
	int in = open(from, O_RDONLY);
	struct stat s;

	if (in < 0 || to < 0 || fstat(in, &s) < 0 ||
		sendfile(to, in, 0, (size_t)s.st_size) != s.st_size)
		exit(2);
	close(in);
}

/* The path has a new file, with a new inode. */
static void put(const char *from, const char *path)
{
	int to = open("new", O_WRONLY | O_CREAT | O_TRUNC, 0755);

	copy(from, to);
	close(to);
	if (rename("new", path) < 0)
		exit(2);
}

static void put_fd(const char *from)
{
	int to = memfd_create("library", 0);

	copy(from, to);
	dup2(to, FD);
	close(to);
}

static void *show(const char *path, int mode)
{
	void *handle = dlopen(path, RTLD_NOW | mode);
	int (*value)(void) = handle ? (int (*)(void))dlsym(handle, "value") : 0;

	printf("%s: ", path);
	if (value)
		printf("%d\n", value());
	else
		printf("not there\n");
	return handle;
}

static void by_path(void)
{
	void *first, *second;

	put(one, "lib.so");
	first = show("./lib.so", 0);
	put(two, "lib.so");
	second = show("./lib.so", 0);
	printf("the same: %d\n", first == second);
	printf("by another name: %d\n", show("././lib.so", 0) == first);
	unlink("lib.so");
	printf("the same: %d\n", show("./lib.so", 0) == first);
	printf("loaded: %d\n", show("./lib.so", RTLD_NOLOAD) == first);
	show("./other.so", RTLD_NOLOAD);
	for (int i = 0; i < 4; i++)
		dlclose(first);
	show("./lib.so", 0);
	put(two, "lib.so");
	show("./lib.so", 0);
}

/* It answers to each name that it was found by. */
static void by_second_name(void)
{
	void *first;

	put(one, "lib.so");
	if (symlink("lib.so", "link.so") < 0)
		exit(2);
	first = show("./lib.so", 0);
	printf("the same: %d\n", show("./link.so", 0) == first);
	put(two, "lib.so");
	printf("the same: %d\n", show("./link.so", 0) == first);
	printf("the same: %d\n", show("././link.so", 0) == first);
	unlink("link.so");
}

static void by_descriptor(void)
{
	static const char path[] = "/proc/self/fd/77";
	void *handle;

	for (int i = 0; i < 2; i++) {
		put_fd(one);
		handle = show(path, 0);
		put_fd(two);
		printf("the same: %d\n", show(path, 0) == handle);
		close(FD);
		printf("the same: %d\n", show(path, 0) == handle);
		for (int k = 0; k < 3 && handle; k++)
			dlclose(handle);
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, 0, _IONBF, 0);
	if (argc < 2 || !realpath("libone.so", one) || !realpath("libtwo.so", two) ||
		!mkdtemp(folder) || chdir(folder) < 0)
		return 2;
	if (!strcmp(argv[1], "path"))
		by_path();
	else if (!strcmp(argv[1], "second"))
		by_second_name();
	else
		by_descriptor();
	unlink("lib.so");
	rmdir(folder);
	return 0;
}
