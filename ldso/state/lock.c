/* lock.c: the loader's locks, and their state across fork.
 *
 * Locks are recursive futex mutexes.  Readers of the loader's state (dlsym, dl_iterate_phdr, lazy
 * binding) only acquire its lock.  Writers also block signals: a handler that touched a new TLS
 * block or bound a PLT slot meanwhile would find the registry, the heap or a scope half changed.
 * Signals stay blocked until the lock is released at the depth at which they were blocked.
 */
#include "state/loader.h"
#include "base/sys.h"

/* Most critical sections take less time than going to sleep. */
#define SPINS 100

static bool try_acquire(struct lock *l)
{
	int was = 0;

	return !__atomic_load_n(&l->word, __ATOMIC_RELAXED) &&
	       __atomic_compare_exchange_n(
		       &l->word, &was, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* 0 free, 1 taken, 2 taken with possible waiters (Drepper, "Futexes Are Tricky", mutex 2). */
static void acquire_contended(struct lock *l)
{
	for (int i = 0; i < SPINS; i++) {
		arch_pause();
		if (try_acquire(l))
			return;
	}
	while (__atomic_exchange_n(&l->word, 2, __ATOMIC_ACQUIRE))
		sys_futex_wait(&l->word, 2);
}

void lock_take(struct lock *l, uintptr_t me)
{
	if (__atomic_load_n(&l->owner, __ATOMIC_RELAXED) == me) {
		l->depth++;
		return;
	}
	if (!try_acquire(l))
		acquire_contended(l);
	__atomic_store_n(&l->owner, me, __ATOMIC_RELAXED);
	l->depth = 1;
}

void lock_give_back(struct lock *l)
{
	if (--l->depth)
		return;
	__atomic_store_n(&l->owner, 0, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&l->word, 0, __ATOMIC_RELEASE) == 2)
		sys_futex_wake(&l->word, 1);
}

/* Of the loader's lock: the depth at which its holder blocked signals (0: not blocked), and the
 * previous signal mask. */
static unsigned signals_blocked;
static uint64_t signal_mask;

/* The thread that is forking, which holds the lock; 0: none. */
static uintptr_t forker;

void loader_lock(struct loader *ld)
{
	lock_take(&ld->lock, loader_thread(ld));
}

void loader_block_signals(struct loader *ld)
{
	if (loader_is_running(ld) && !signals_blocked) {
		signal_mask = sys_block_signals();
		signals_blocked = ld->lock.depth;
	}
}

void loader_unlock(struct loader *ld)
{
	bool restore = signals_blocked == ld->lock.depth;
	uint64_t mask = signal_mask;

	if (restore)
		signals_blocked = 0;
	lock_give_back(&ld->lock);
	if (restore)
		sys_restore_signals(mask);
}

void loader_before_fork(struct loader *ld)
{
	loader_lock(ld);
	forker = arch_thread_pointer();
}

bool loader_is_forking(void)
{
	return __atomic_load_n(&forker, __ATOMIC_RELAXED) == arch_thread_pointer();
}

/* Does nothing in a fork that began before these functions were registered by another thread, since
 * loader_before_fork() was not called for it. */
void loader_after_fork(struct loader *ld)
{
	if (!loader_is_forking())
		return;
	forker = 0;
	loader_unlock(ld);
}
