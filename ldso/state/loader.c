/* loader.c: the one struct loader of the process. */
#include "state/loader.h"

struct loader loader;
