/* law_of_made.h: the number of lines of the loader's own making that are wrong.
 *
 * riscv64 runs under qemu-user, whose /proc/self/maps shows the host's mappings: a guest's
 * executable page is the host's readable one, and beside a read-only page of the same file the two
 * are one line there.  Segments of the other machines' files are never so close.
 */
#ifndef LAW_OF_MADE_H
#define LAW_OF_MADE_H

extern long myld_check_maps(int all, int fd) __attribute__((weak));

#ifdef __riscv
#define LAW_OF_MADE 0
#else
#define LAW_OF_MADE myld_check_maps(0, 2)
#endif

#endif
