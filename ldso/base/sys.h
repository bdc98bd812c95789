/* sys.h: all system calls of the loader.
 *
 * Each function returns what the kernel returns: a value of at least 0, or a negative errno.  Calls
 * that fail with EINTR before they have done anything are repeated here.  Tests replace these
 * functions by linking their own.
 */
#ifndef SYS_H
#define SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SYS_EPERM = 1,
	SYS_ENOENT = 2,
	SYS_EINTR = 4,
	SYS_EIO = 5,
	SYS_ENOEXEC = 8,
	SYS_EBADF = 9,
	SYS_EAGAIN = 11,
	SYS_ENOMEM = 12,
	SYS_EACCES = 13,
	SYS_EBUSY = 16,
	SYS_EEXIST = 17,
	SYS_ENOTDIR = 20,
	SYS_EISDIR = 21,
	SYS_EINVAL = 22,
	SYS_ENFILE = 23,
	SYS_EMFILE = 24,
	SYS_EFBIG = 27,
	SYS_ENOSYS = 38,
	SYS_ELOOP = 40,
};

/* The part of struct stat that the loader uses. */
struct file_info {
	uint64_t dev, ino; /* identify the file */
	uint64_t rdev;     /* of a device: which one */
	uint64_t size;     /* bytes */
	uint32_t mode;     /* type and permission bits, as st_mode */
	uint32_t uid;
	uint32_t links;       /* st_nlink */
	int64_t mtime, ctime; /* nanoseconds since 1970 */
};

/* Types of files, in file_info's mode. */
enum {
	FILE_TYPE = 0170000,
	FILE_DEVICE = 0020000, /* that is read by characters */
	FILE_DIRECTORY = 0040000,
	FILE_REGULAR = 0100000,
	FILE_LINK = 0120000
};

/* Whether the result of sys_mmap() is an error: an address may be negative as a long, too. */
static inline int sys_failed(long result)
{
	return (unsigned long)result > -4096UL;
}

int sys_open(const char *path);   /* read-only, close-on-exec; the descriptor */
int sys_create(const char *path); /* write-only, new or emptied; for LD_DEBUG_OUTPUT */
void sys_close(int fd);
/* Opens a device, without following a symbolic link. */
enum device_use { DEVICE_READ = 0, DEVICE_WRITE = 1 };
int sys_open_device(const char *path, enum device_use use);
bool sys_is_open(int fd);
long sys_read(int fd, void *buf, size_t n);
long sys_pread(int fd, void *buf, size_t n, uint64_t offset); /* n bytes unless the file ends */
void sys_write(int fd, const char *text, size_t n); /* all of it, unless there is an error */
int sys_fstat(int fd, struct file_info *info);
/* The same by one of two calls, or by the other if the kernel, or a sandbox, refuses the first. */
enum fstat_call { FSTAT_PLAIN, FSTAT_EMPTY_PATH };
int sys_fstat_by(enum fstat_call call, int fd, struct file_info *info);
int sys_stat(const char *path, struct file_info *info);
int sys_lstat(const char *path, struct file_info *info); /* of a symbolic link itself */
/* Whether the directory is on a file system that is known to update a directory's times whenever a
 * name is added or removed. */
bool sys_keeps_times(const char *directory);
/* Whether the mount that an open file or directory is on was made with nosuid or nodev. */
bool sys_is_restricted_mount(int fd);
long sys_readlink(const char *path, char *buf, size_t n);
long sys_getcwd(char *buf, size_t n); /* the length with the final 0 */
long sys_getpid(void);

/* Files of one directory.  dir comes from sys_open_path(): names can be looked up in it, but it
 * cannot be read.  Symbolic links are not followed: sys_open_path() opens the link itself. */
int sys_open_path(const char *path);
int sys_may_write_in(int dir);                /* 0: names can be added */
int sys_open_in(int dir, const char *name);   /* read-only */
int sys_create_in(int dir, const char *name); /* write-only, mode 0600; -EEXIST if it is there */
int sys_rename_in(int dir, const char *from, const char *to);
int sys_unlink_in(int dir, const char *name);
int sys_fchmod(int fd, unsigned mode);
int sys_mkdir(const char *path, unsigned mode);
int sys_chmod(const char *path, unsigned mode);
int sys_rmdir(const char *path);
long sys_list(int fd, void *buf, size_t n); /* getdents64(2) */
/* Writes all n bytes at the offset: 0 or a negative errno; -EFBIG where they would exceed the process'
 * limit of a file's size, for which the kernel sends a signal. */
int sys_put(int fd, const void *buf, size_t n, uint64_t offset);

/* Nanoseconds of a clock of clock_gettime(2). */
enum { SYS_CLOCK_REALTIME = 0, SYS_CLOCK_BOOTTIME = 7 };
int64_t sys_clock(int which);
void sys_sleep(int64_t nanoseconds); /* less than a second */

/* Fills buf with random bytes, n <= 256, unless the kernel has none yet. */
void sys_random(void *buf, size_t n);

/* personality(2) of this process. */
long sys_personality(void);

/* mmap(2) and its kin; flags as the kernel's MAP_*. */
long sys_mmap(uintptr_t at, size_t len, int prot, int flags, int fd, uint64_t offset);
long sys_munmap(uintptr_t at, size_t len);
long sys_mprotect(uintptr_t at, size_t len, int prot);
/* Moves len bytes of pages, replacing what is mapped at `to`. */
long sys_move(uintptr_t from, size_t len, uintptr_t to);
/* Prefaults pages that are about to be written to, where the kernel supports it. */
void sys_populate(uintptr_t at, size_t len);

/* What files in /proc tell of a process: stat, cmdline, environ, auxv and exe.  The kernel's struct
 * prctl_mm_map, see prctl(2), PR_SET_MM_MAP. */
struct process_map {
	uint64_t start_code, end_code, start_data, end_data, start_brk, brk, start_stack;
	uint64_t arg_start, arg_end, env_start, env_end;
	uint64_t auxv; /* its address */
	uint32_t auxv_size, exe_fd;
};

/* Makes them tell that.  -EPERM without privileges, -EBUSY while the file that exe leads to is mapped. */
int sys_set_process_map(const struct process_map *map);
/* The thread's name, for ps(1): its first 15 bytes count. */
void sys_set_name(const char *name);
/* The end of the brk heap. */
uintptr_t sys_brk(void);

/* Waits while *word == value, at most until woken; wakes up to n waiters. */
void sys_futex_wait(const int *word, int value);
void sys_futex_wake(const int *word, int n);

/* Whether the word at addr can be written to; does not change it. */
bool sys_is_writable(uintptr_t addr);

/* Replaces the process: returns only on failure. */
long sys_execve(const char *path, char **argv, char **envp);

/* sys_fork() returns the child's id, and 0 in the child; sys_wait() waits for the child and returns
 * its exit code, or 128 plus the number of the signal that ended it. */
long sys_fork(void);
long sys_wait(long pid);

/* ptrace(2), requests and arguments as the kernel's; waitpid(2) for one child, with its status; the end
 * of a child; SIGALRM for this process, even as another program, after so many seconds. */
long sys_ptrace(long request, long pid, uintptr_t addr, void *data);
long sys_wait_status(long pid, int *status);
void sys_end_child(long pid);
long sys_limit_time(unsigned seconds);

_Noreturn void sys_exit(int code);

#endif
