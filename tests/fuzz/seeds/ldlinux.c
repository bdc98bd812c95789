/* ldlinux.c: what an ld-linux has of its build: directories, and a list of tunables in one of the forms
 * that ldso/libc/glibc/ldlinux_tunables.c describes (-DFORM=26, 33, 39 or 44). */
#include <stdbool.h>
#include <stdint.h>

union value {
	int64_t number;
#if FORM >= 39
	struct {
		const char *s;
		uint64_t length;
	} text;
#endif
};

struct tunable {
#if FORM == 26
	const char *name;
#else
	char name[23];
#endif
	struct {
		int type;
		int64_t min, max;
	} type;
	union value value;
#if FORM >= 39
	union value now;
#endif
	bool set;
#if FORM < 39
	int level;
#elif FORM >= 44
	bool more;
#endif
#if FORM == 26
	const char *alias;
#else
	char alias[17];
#endif
};

static struct tunable list[] __attribute__((used)) = {
	{.name = "glibc.malloc.mmap_max",
		.type = {0, -5, 9},
		.value = {7},
		.alias = "MALLOC_MMAP_MAX_"},
	{.name = "glibc.cpu.hwcaps", .type = {3, 0, 0}},
	{.name = "glibc.rtld.nns", .type = {2, 1, 16}, .value = {4}},
	{.name = "glibc.malloc.top_pad", .type = {1, 0, -1}, .value = {131072}, .alias = "TOP_PAD"},
};

static const char directories[] __attribute__((used)) = "/lib64/\0/usr/lib64/\0";

__attribute__((visibility("default"))) const char *sequences(int i)
{
	static const char names[] = "\0ORIGIN\0PLATFORM\0LIB\0lib64";

	return names + i + (list[1].value.number ? directories[0] : 0);
}
