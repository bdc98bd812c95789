/* sys.c: system calls, by the numbers of <asm/unistd.h>.
 *
 * Where machines differ only in which call exists (fstat or fstat64 or statx, mmap or mmap2), the
 * choice is made by the call's number, never by the machine's name.
 */
#include "base/sys.h"
#include "arch/remap.h"
#include "base/elf_types.h"
#include "base/mem.h"

#include <asm/fcntl.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/magic.h>
#include <linux/random.h>

#define ZFS_SUPER_MAGIC 0x2fc12fc1 /* OpenZFS, include/sys/fs/zfs.h */

#define AT_FDCWD            -100
#define AT_EMPTY_PATH       0x1000
#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_REMOVEDIR        0x200

#define CALL(n, a, b, c, d, e, f)                                                                  \
	arch_syscall(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* Repeats a call while a signal interrupts it; bounded, for tests that inject EINTR each time. */
#define REPEAT(result, call)                                                                       \
	do {                                                                                       \
		int tries = 1000;                                                                  \
		do                                                                                 \
			(result) = (call);                                                         \
		while ((result) == -SYS_EINTR && --tries);                                         \
	} while (0)

int sys_open(const char *path)
{
	long r;

	REPEAT(r, CALL(__NR_openat, AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, 0, 0));
	return (int)r;
}

int sys_create(const char *path)
{
	long r;

	REPEAT(r, CALL(__NR_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666,
			  0, 0));
	return (int)r;
}

int sys_open_device(const char *path, enum device_use use)
{
	long r;

	REPEAT(r, CALL(__NR_openat, AT_FDCWD, path, (int)use | O_NOFOLLOW, 0, 0, 0));
	return (int)r;
}

#define F_GETFD 1

bool sys_is_open(int fd)
{
#ifdef __NR_fcntl64
	return CALL(__NR_fcntl64, fd, F_GETFD, 0, 0, 0, 0) != -SYS_EBADF;
#else
	return CALL(__NR_fcntl, fd, F_GETFD, 0, 0, 0, 0) != -SYS_EBADF;
#endif
}

void sys_close(int fd)
{
	CALL(__NR_close, fd, 0, 0, 0, 0, 0);
}

long sys_read(int fd, void *buf, size_t n)
{
	long r;

	REPEAT(r, CALL(__NR_read, fd, buf, n, 0, 0, 0));
	return r;
}

long sys_pread(int fd, void *buf, size_t n, uint64_t offset)
{
	size_t done = 0;

	while (done < n) {
		uint64_t at = offset + done;
		long r;

		/* A 32-bit machine passes the offset in two registers, as its ABI specifies. */
#if ARCH_BITS == 64
		REPEAT(r, CALL(__NR_pread64, fd, (char *)buf + done, n - done, at, 0, 0));
#else
		REPEAT(r, ARCH_PREAD64(fd, (char *)buf + done, n - done, at));
#endif
		if (r < 0)
			return r;
		if (r == 0)
			break;
		done += (size_t)r;
	}
	return (long)done;
}

void sys_write(int fd, const char *text, size_t n)
{
	while (n) {
		long r;

		REPEAT(r, CALL(__NR_write, fd, text, n, 0, 0, 0));
		if (r <= 0)
			return;
		text += r;
		n -= (size_t)r;
	}
}

/* st_dev in the kernel's struct stat has the "new" encoding of the numbers that /proc/self/maps
 * prints as major:minor. */
#if defined __NR_fstat64
#define STAT_STRUCT stat64
#define STAT_FD     __NR_fstat64
#define STAT_AT     __NR_fstatat64
#else
#define STAT_STRUCT stat
#define STAT_FD     __NR_fstat
#define STAT_AT     __NR_newfstatat
#endif

#define NANO 1000000000

/* Copies what the loader needs to *info; r is the result of the call that has filled *st. */
static int decode_stat(long r, const struct STAT_STRUCT *st, struct file_info *info)
{
	if (r < 0)
		return (int)r;
	info->dev = st->st_dev;
	info->ino = st->st_ino;
	info->rdev = st->st_rdev;
	info->size = (uint64_t)st->st_size;
	info->mode = st->st_mode;
	info->uid = st->st_uid;
	info->links = (uint32_t)st->st_nlink;
	info->mtime = (int64_t)st->st_mtime * NANO + (int64_t)st->st_mtime_nsec;
	info->ctime = (int64_t)st->st_ctime * NANO + (int64_t)st->st_ctime_nsec;
	return 0;
}

int sys_fstat(int fd, struct file_info *info)
{
	struct STAT_STRUCT st;
	long r;

	REPEAT(r, CALL(STAT_FD, fd, &st, 0, 0, 0, 0));
	return decode_stat(r, &st, info);
}

static int fstat_empty_path(int fd, struct file_info *info)
{
	struct STAT_STRUCT st;
	long r;

	REPEAT(r, CALL(STAT_AT, fd, "", &st, AT_EMPTY_PATH, 0, 0));
	return decode_stat(r, &st, info);
}

int sys_fstat_by(enum fstat_call call, int fd, struct file_info *info)
{
	int r = (call == FSTAT_PLAIN ? sys_fstat : fstat_empty_path)(fd, info);

	if (r == -SYS_ENOSYS || r == -SYS_EPERM)
		r = (call == FSTAT_PLAIN ? fstat_empty_path : sys_fstat)(fd, info);
	return r;
}

int sys_stat(const char *path, struct file_info *info)
{
	struct STAT_STRUCT st;
	long r;

	REPEAT(r, CALL(STAT_AT, AT_FDCWD, path, &st, 0, 0, 0));
	return decode_stat(r, &st, info);
}

int sys_lstat(const char *path, struct file_info *info)
{
	struct STAT_STRUCT st;
	long r;

	REPEAT(r, CALL(STAT_AT, AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW, 0, 0));
	return decode_stat(r, &st, info);
}

/* Local file systems only.  On a server's (NFS, FUSE) a directory may change while the kernel still
 * reports cached times, and an automounter's names are not in the directory. */
bool sys_keeps_times(const char *directory)
{
	static const uint32_t known[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
		F2FS_SUPER_MAGIC, ZFS_SUPER_MAGIC, TMPFS_MAGIC, RAMFS_MAGIC, OVERLAYFS_SUPER_MAGIC,
		SQUASHFS_MAGIC, EROFS_SUPER_MAGIC_V1, ISOFS_SUPER_MAGIC};
	struct statfs fs;
	long r;

	REPEAT(r, CALL(__NR_statfs, directory, &fs, 0, 0, 0, 0));
	for (size_t i = 0; r == 0 && i < COUNT(known); i++)
		if ((uint32_t)fs.f_type == known[i])
			return true;
	return false;
}

#define MOUNT_NOSUID 2 /* statfs(2), f_flags */
#define MOUNT_NODEV  4

bool sys_is_restricted_mount(int fd)
{
	struct statfs fs;
	long r;

	REPEAT(r, CALL(__NR_fstatfs, fd, &fs, 0, 0, 0, 0));
	return r < 0 || fs.f_flags & (MOUNT_NOSUID | MOUNT_NODEV);
}

long sys_readlink(const char *path, char *buf, size_t n)
{
	return CALL(__NR_readlinkat, AT_FDCWD, path, buf, n, 0, 0);
}

int sys_open_path(const char *path)
{
	long r;

	REPEAT(r, CALL(__NR_openat, AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, 0, 0));
	return (int)r;
}

#define W_OK 2

int sys_may_write_in(int dir)
{
	return (int)CALL(__NR_faccessat, dir, ".", W_OK, 0, 0, 0);
}

int sys_open_in(int dir, const char *name)
{
	long r;

	REPEAT(r, CALL(__NR_openat, dir, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0, 0,
			  0));
	return (int)r;
}

int sys_create_in(int dir, const char *name)
{
	long r;

	REPEAT(r, CALL(__NR_openat, dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  0600, 0, 0));
	return (int)r;
}

int sys_rename_in(int dir, const char *from, const char *to)
{
	return (int)CALL(__NR_renameat2, dir, from, dir, to, 0, 0);
}

int sys_unlink_in(int dir, const char *name)
{
	return (int)CALL(__NR_unlinkat, dir, name, 0, 0, 0, 0);
}

int sys_mkdir(const char *path, unsigned mode)
{
	return (int)CALL(__NR_mkdirat, AT_FDCWD, path, mode, 0, 0, 0);
}

int sys_fchmod(int fd, unsigned mode)
{
	return (int)CALL(__NR_fchmod, fd, mode, 0, 0, 0, 0);
}

int sys_chmod(const char *path, unsigned mode)
{
	return (int)CALL(__NR_fchmodat, AT_FDCWD, path, mode, 0, 0, 0);
}

int sys_rmdir(const char *path)
{
	return (int)CALL(__NR_unlinkat, AT_FDCWD, path, AT_REMOVEDIR, 0, 0, 0);
}

long sys_list(int fd, void *buf, size_t n)
{
	return CALL(__NR_getdents64, fd, buf, n, 0, 0, 0);
}

#define RLIMIT_FSIZE 1

static uint64_t file_size_limit(void)
{
	uint64_t limit[2] = {UINT64_MAX, UINT64_MAX};

	CALL(__NR_prlimit64, 0, RLIMIT_FSIZE, 0, limit, 0, 0);
	return limit[0];
}

int sys_put(int fd, const void *buf, size_t n, uint64_t offset)
{
	if (offset + n > file_size_limit())
		return -SYS_EFBIG;
	for (size_t done = 0; done < n;) {
		uint64_t at = offset + done;
		long r;

#if ARCH_BITS == 64
		REPEAT(r, CALL(__NR_pwrite64, fd, (const char *)buf + done, n - done, at, 0, 0));
#else
		REPEAT(r, ARCH_PWRITE64(fd, (const char *)buf + done, n - done, at));
#endif
		if (r <= 0)
			return r < 0 ? (int)r : -SYS_EIO;
		done += (size_t)r;
	}
	return 0;
}

int64_t sys_clock(int which)
{
	struct {
		int64_t sec, nsec;
	} t = {0, 0};

#if ARCH_BITS == 64
	CALL(__NR_clock_gettime, which, &t, 0, 0, 0, 0);
#else
	CALL(__NR_clock_gettime64, which, &t, 0, 0, 0, 0);
#endif
	return t.sec * NANO + t.nsec;
}

void sys_sleep(int64_t nanoseconds)
{
	struct {
		int64_t sec, nsec;
	} t = {0, nanoseconds};

#if ARCH_BITS == 64
	CALL(__NR_clock_nanosleep, SYS_CLOCK_REALTIME, 0, &t, 0, 0, 0);
#else
	CALL(__NR_clock_nanosleep_time64, SYS_CLOCK_REALTIME, 0, &t, 0, 0, 0);
#endif
}

void sys_random(void *buf, size_t n)
{
	CALL(__NR_getrandom, buf, n, GRND_NONBLOCK, 0, 0, 0);
}

long sys_personality(void)
{
	return CALL(__NR_personality, 0xffffffff, 0, 0, 0, 0, 0);
}

long sys_getcwd(char *buf, size_t n)
{
	return CALL(__NR_getcwd, buf, n, 0, 0, 0, 0);
}

long sys_getpid(void)
{
	return CALL(__NR_getpid, 0, 0, 0, 0, 0, 0);
}

long sys_mmap(uintptr_t at, size_t len, int prot, int flags, int fd, uint64_t offset)
{
	long r;

	REPEAT(r, CALL(ARCH_NR_MMAP, at, len, prot, flags, fd, offset / ARCH_MMAP_UNIT));
	return r;
}

long sys_munmap(uintptr_t at, size_t len)
{
	long r;

	REPEAT(r, CALL(__NR_munmap, at, len, 0, 0, 0, 0));
	return r;
}

long sys_mprotect(uintptr_t at, size_t len, int prot)
{
	long r;

	REPEAT(r, CALL(__NR_mprotect, at, len, prot, 0, 0, 0));
	return r;
}

#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED   2

long sys_move(uintptr_t from, size_t len, uintptr_t to)
{
	return CALL(__NR_mremap, from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to, 0);
}

#define PR_SET_NAME 15

int sys_set_process_map(const struct process_map *map)
{
	return (int)CALL(__NR_prctl, PR_SET_MM, PR_SET_MM_MAP, map, sizeof *map, 0, 0);
}

void sys_set_name(const char *name)
{
	CALL(__NR_prctl, PR_SET_NAME, name, 0, 0, 0, 0);
}

uintptr_t sys_brk(void)
{
	return (uintptr_t)CALL(__NR_brk, 0, 0, 0, 0, 0, 0);
}

#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */

void sys_populate(uintptr_t at, size_t len)
{
	CALL(__NR_madvise, at, len, MADV_POPULATE_WRITE, 0, 0, 0);
}

#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

void sys_futex_wait(const int *word, int value)
{
	CALL(__NR_futex, word, FUTEX_WAIT_PRIVATE, value, 0, 0, 0);
}

void sys_futex_wake(const int *word, int n)
{
	CALL(__NR_futex, word, FUTEX_WAKE_PRIVATE, n, 0, 0, 0);
}

#define FUTEX_WAKE_OP_PRIVATE 133

/* FUTEX_WAKE_OP changes the second word atomically: operation 1 is an addition, here of 0 (encoded:
 * add 0, compare equal to 0).  No thread waits for the first word, so none is woken; EFAULT means
 * that the second cannot be written to. */
bool sys_is_writable(uintptr_t addr)
{
	int unused = 0;

	return CALL(__NR_futex, &unused, FUTEX_WAKE_OP_PRIVATE, 0, 0, addr, 1 << 28) >= 0;
}

long sys_execve(const char *path, char **argv, char **envp)
{
	return CALL(__NR_execve, path, argv, envp, 0, 0, 0);
}

#define SIGCHLD 17

long sys_fork(void)
{
	return CALL(__NR_clone, SIGCHLD, 0, 0, 0, 0, 0);
}

long sys_wait_status(long pid, int *status)
{
	long r;

	REPEAT(r, CALL(__NR_wait4, pid, status, 0, 0, 0, 0));
	return r;
}

long sys_wait(long pid)
{
	int status = 0;
	long r = sys_wait_status(pid, &status);

	if (r < 0)
		return r;
	return status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;
}

long sys_ptrace(long request, long pid, uintptr_t addr, void *data)
{
	return CALL(__NR_ptrace, request, pid, addr, data, 0, 0);
}

#define SIGKILL 9

void sys_end_child(long pid)
{
	int status;

	CALL(__NR_kill, pid, SIGKILL, 0, 0, 0, 0);
	sys_wait_status(pid, &status);
}

#define ITIMER_REAL 0

long sys_limit_time(unsigned seconds)
{
	const long timer[] = {
		0, 0, (long)seconds, 0}; /* interval; value: seconds and microseconds */

	return CALL(__NR_setitimer, ITIMER_REAL, timer, NULL, 0, 0, 0);
}

_Noreturn void sys_exit(int code)
{
	for (;;)
		CALL(__NR_exit_group, code, 0, 0, 0, 0, 0);
}
