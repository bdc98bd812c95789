/* loader_maps.h: the number of lines of the loader's own making that are wrong.
 *
 * riscv64 runs under qemu-user, whose /proc/self/maps shows the host's mappings: a guest's
 * executable page is the host's readable one, and beside a read-only page of the same file the two
 * are one line there.  Segments of the other machines' files are never so close.
 */
#ifndef LOADER_MAPS_H
#define LOADER_MAPS_H

extern long myld_check_maps(int all, int fd) __attribute__((weak));

#ifdef __riscv
#define WRONG_LOADER_MAPS 0
#else
#define WRONG_LOADER_MAPS myld_check_maps(0, 2)
#endif

#endif
