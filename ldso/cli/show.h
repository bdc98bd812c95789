/* show.h: what a start prints about itself. */
#ifndef SHOW_H
#define SHOW_H

#include "state/loader.h"

/* Called right before the program starts: --maps, and LD_DEBUG's scopes, maps and statistics. */
void show_start(struct loader *ld);

#endif
