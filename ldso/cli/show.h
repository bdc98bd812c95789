/* show.h: what a start shows of itself. */
#ifndef SHOW_H
#define SHOW_H

#include "state/loader.h"

/* --list: each object with the file it came from. */
void show_list(struct loader *ld);

/* Just before the program starts: --maps, and LD_DEBUG's scopes, maps and statistics. */
void show_start(struct loader *ld);

#endif
