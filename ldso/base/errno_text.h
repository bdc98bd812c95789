/* errno_text.h: the kernel's error numbers in words. */
#ifndef ERRNO_TEXT_H
#define ERRNO_TEXT_H

/* "no such file or directory" for -ENOENT. */
const char *errno_text(long negative_errno);

#endif
