/* errno_text.h: texts of the kernel's error numbers. */
#ifndef ERRNO_TEXT_H
#define ERRNO_TEXT_H

/* The text of a negative errno: "no such file or directory" for -ENOENT. */
const char *errno_text(long negative_errno);

#endif
