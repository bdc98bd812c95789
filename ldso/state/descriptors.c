/* descriptors.c: see descriptors.h. */
#include "state/descriptors.h"
#include "base/mem.h"
#include "base/sys.h"
#include "state/libc.h"

/* Each is open in the direction that nobody expects of it: reading from 0, and writing to 1 and 2,
 * fails, as with a closed descriptor. */
static const struct device {
	const char *path;
	uint64_t rdev; /* Linux, Documentation/admin-guide/devices.txt: major 1, minor 7 and 3 */
	enum device_use use;
} devices[] = {
	{"/dev/full", 0x107, DEVICE_WRITE},
	{"/dev/null", 0x103, DEVICE_READ},
	{"/dev/null", 0x103, DEVICE_READ},
};

/* Nothing but that device may be there: the lowest free number is what open(2) returns. */
static int open_one(struct loader *ld, int number)
{
	const struct device *d = &devices[number];
	int fd = sys_open_device(d->path, d->use);
	struct file_info info;

	if (fd == number && sys_fstat(fd, &info) == 0 && (info.mode & FILE_TYPE) == FILE_DEVICE &&
		info.rdev == d->rdev)
		return 0;
	return fail(ld,
		"%s: descriptor %d of this set-user-ID program is closed: %s cannot be opened",
		ld->program->path, number, d->path);
}

int descriptors_open(struct loader *ld)
{
	if (!ld->config.secure || ld->abi->opens_descriptors)
		return 0;
	for (int number = 0; number < (int)COUNT(devices); number++)
		if (!sys_is_open(number) && open_one(ld, number) < 0)
			return -1;
	return 0;
}
