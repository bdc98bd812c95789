/* sys.h: everything the loader asks of the kernel.
 *
 * Each call returns what the kernel returns: a value of at least 0, or a negative errno.  Calls
 * that a signal or a test can interrupt with EINTR before they did anything are repeated here.
 * Tests replace this file's functions by linking their own.
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
	SYS_EAGAIN = 11,
	SYS_ENOMEM = 12,
	SYS_EACCES = 13,
	SYS_EEXIST = 17,
	SYS_ENOTDIR = 20,
	SYS_EISDIR = 21,
	SYS_EINVAL = 22,
	SYS_ENFILE = 23,
	SYS_EMFILE = 24,
	SYS_ELOOP = 40,
};

/* What the loader wants to know of a file. */
struct file_info {
	uint64_t dev, ino; /* which file it is */
	uint64_t size;     /* bytes */
	uint32_t mode;     /* type and permission bits, as st_mode */
	uint32_t uid;
	uint32_t links;       /* st_nlink */
	int64_t mtime, ctime; /* nanoseconds since 1970 */
};

/* Types of files, in file_info's mode. */
enum { FILE_TYPE = 0170000, FILE_REGULAR = 0100000, FILE_DIRECTORY = 0040000, FILE_LINK = 0120000 };

/* Whether a call's result is an error: addresses may look negative as a long. */
static inline int sys_failed(long result)
{
	return (unsigned long)result > -4096UL;
}

int sys_open(const char *path);   /* read-only, close-on-exec; the descriptor */
int sys_create(const char *path); /* write-only, new or emptied; for LD_DEBUG_OUTPUT */
void sys_close(int fd);
long sys_read(int fd, void *buf, size_t n);
long sys_pread(int fd, void *buf, size_t n, uint64_t offset); /* n bytes unless the file ends */
void sys_write(int fd, const char *text, size_t n); /* all of it, as far as the kernel takes it */
int sys_fstat(int fd, struct file_info *info);
int sys_stat(const char *path, struct file_info *info);
int sys_lstat(const char *path, struct file_info *info); /* of a symbolic link itself */
/* Whether the directory's times tell of each name that comes and goes, as far as its file system is
 * known to keep them so. */
bool sys_keeps_times(const char *directory);
long sys_readlink(const char *path, char *buf, size_t n);
long sys_getcwd(char *buf, size_t n); /* bytes with the final 0 */
long sys_getpid(void);

/* Files of one directory.  dir comes from sys_open_path(): it can be looked into, not read.
 * Names are not followed where they are symbolic links: that of sys_open_path() is the link's own
 * descriptor then. */
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
/* Writes all of it at the offset: 0 or why not. */
int sys_put(int fd, const void *buf, size_t n, uint64_t offset);

/* Nanoseconds of a clock of clock_gettime(2). */
enum { SYS_CLOCK_REALTIME = 0, SYS_CLOCK_BOOTTIME = 7 };
int64_t sys_clock(int which);
void sys_sleep(int64_t nanoseconds); /* less than a second */

/* personality(2) of this process. */
long sys_personality(void);

/* mmap(2) and its kin; flags as the kernel's MAP_*. */
long sys_mmap(uintptr_t at, size_t len, int prot, int flags, int fd, uint64_t offset);
long sys_munmap(uintptr_t at, size_t len);
long sys_mprotect(uintptr_t at, size_t len, int prot);
/* These pages are about to be written to: has them ready, as far as the kernel likes. */
void sys_populate(uintptr_t at, size_t len);

/* Waits while *word == value, at most until woken; wakes up to n waiters. */
void sys_futex_wait(const int *word, int value);
void sys_futex_wake(const int *word, int n);

/* Whether the word at addr can be written to, found out without a change to it. */
int sys_is_writable(uintptr_t addr);

/* Blocks all signals of this thread and gives back the old mask; restores it. */
uint64_t sys_block_signals(void);
void sys_restore_signals(uint64_t mask);

/* Replaces the process: returns only on failure. */
long sys_execve(const char *path, char **argv, char **envp);

/* A child that goes on as this process does: its id, 0 in the child.  Its exit code, or 128 and the
 * signal that ended it. */
long sys_fork(void);
long sys_wait(long pid);

_Noreturn void sys_exit(int code);

#endif
