/* What an attempt leaves behind: mappings, descriptors, and whether the registry knows them. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

extern long myld_check_maps(int all, int fd) __attribute__((weak));

struct left {
	unsigned long mapped;
	int descriptors;
};

/* The bytes that are mapped: what is protected otherwise or merged is not left behind. */
static unsigned long mapped(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end, sum = 0;

	while (fscanf(maps, "%lx-%lx%*[^\n]", &start, &end) == 2)
		sum += end - start;
	fclose(maps);
	return sum;
}

static struct left look(void)
{
	struct left l = {mapped(), 0};

	for (int fd = 0; fd < 256; fd++)
		l.descriptors += fcntl(fd, F_GETFD) >= 0;
	return l;
}

/* Says what is there that was not; whether the mappings differ. */
static int print_left(const char *name, const struct left *before)
{
	struct left after = look();

	if (after.mapped != before->mapped)
		printf("LEFT maps after %s: %lu bytes, %lu before\n", name, after.mapped,
			before->mapped);
	if (after.descriptors != before->descriptors)
		printf("LEFT descriptors after %s: %d, %d before\n", name, after.descriptors,
			before->descriptors);
	return after.mapped != before->mapped;
}

/* The registry is the kernel's list, and can be printed: every owner that it names is still there.
 * Its own reading of the list may be what fails, so it is asked again. */
static void check_maps(const char *where)
{
	long r = myld_check_maps(0, 1);

	if (r < 0)
		r = myld_check_maps(0, 1);
	if (r)
		printf("BAD maps after %s: %ld\n", where, r);
}

/* Several reasons are several lines. */
static void print_refusal(const char *name, const char *text)
{
	printf(text && *text ? "refused %s: " : "BAD %s: no reason", name);
	for (; text && *text; text++)
		putchar(*text == '\n' ? '|' : *text);
	putchar('\n');
}
