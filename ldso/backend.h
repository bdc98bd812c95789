/* backend.h: the registry's way to the kernel. */
#ifndef BACKEND_H
#define BACKEND_H

#include "vm/area.h"

extern const struct vm_backend kernel_backend;

#endif
