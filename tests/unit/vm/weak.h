/* weak.h: included before everything (-include): atomic operations go to vm_index_order.c's model
 * of a memory that is as weak as C11 allows. */
#ifndef WEAK_H
#define WEAK_H

#include <stdint.h>

uintptr_t weak_load(const void *p, int order);
void weak_store(void *p, uintptr_t value, int order);
void weak_fence(int order);

#define __atomic_load_n(p, order)         ((__typeof__(*(p)))weak_load(p, order))
#define __atomic_store_n(p, value, order) weak_store((void *)(p), (uintptr_t)(value), order)
#define __atomic_thread_fence(order)      weak_fence(order)

#endif
