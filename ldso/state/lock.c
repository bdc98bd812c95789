/* lock.c: the loader's locks, and their state across fork.
 *
 * Locks are recursive.  The lock word is the holder's thread pointer, so that taking a lock is one
 * atomic operation: a signal handler that interrupts loader_lock() finds the lock either free or
 * held by its own thread.
 *
 * No signal is ever blocked, since a system call may depend on one: in a sandbox of
 * SECCOMP_RET_TRAP the handler of SIGSYS does what the call was meant to do.  A call from a signal
 * handler that has interrupted the loader in the same thread is recognised by the lock's depth
 * (loader_may_change()); it reads what is there and changes nothing that is shared.
 */
#include "state/loader.h"
#include "base/sys.h"

#define SPINS 100

/* In the lock word: there may be waiters.  Thread pointers are even. */
#define WAITERS ((uintptr_t)1)

static bool try_acquire(struct lock *l, uintptr_t value)
{
	uintptr_t was = 0;

	return !__atomic_load_n(&l->holder, __ATOMIC_RELAXED) &&
	       __atomic_compare_exchange_n(
		       &l->holder, &was, value, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Waits for a release that happens after the lock was seen held.  The holder counts a release for
 * which there are waiters before it wakes one. */
static void wait_for_release(struct lock *l)
{
	int seen = __atomic_load_n(&l->releases, __ATOMIC_ACQUIRE);
	uintptr_t was = __atomic_load_n(&l->holder, __ATOMIC_RELAXED);

	if (was && (was & WAITERS || __atomic_compare_exchange_n(&l->holder, &was, was | WAITERS, 0,
					     __ATOMIC_RELAXED, __ATOMIC_RELAXED)))
		sys_futex_wait(&l->releases, seen);
}

/* Most critical sections take less time than going to sleep.  false: this one does not. */
static bool spin(struct lock *l, uintptr_t me)
{
	for (int i = 0; i < SPINS; i++) {
		if (try_acquire(l, me))
			return true;
		arch_pause();
	}
	return false;
}

/* Once a thread has waited it acquires the lock as one with waiters, as it cannot know whether it
 * was the only one (Drepper, "Futexes Are Tricky", mutex 2). */
static void acquire(struct lock *l, uintptr_t me)
{
	if (spin(l, me))
		return;
	while (!try_acquire(l, me | WAITERS))
		wait_for_release(l);
}

bool lock_is_held(const struct lock *l, uintptr_t me)
{
	return (__atomic_load_n(&l->holder, __ATOMIC_RELAXED) & ~WAITERS) == me;
}

void lock_take(struct lock *l, uintptr_t me)
{
	if (lock_is_held(l, me))
		l->depth++;
	else
		acquire(l, me);
}

void lock_give_back(struct lock *l)
{
	if (l->depth) {
		l->depth--;
		return;
	}
	if (__atomic_exchange_n(&l->holder, 0, __ATOMIC_RELEASE) & WAITERS) {
		__atomic_add_fetch(&l->releases, 1, __ATOMIC_RELEASE);
		sys_futex_wake(&l->releases, 1);
	}
}

/* The depth of the loader's lock at which calls come from code that the loader itself has called. */
static unsigned expected_depth;

/* The thread that is forking, which holds the lock; 0: none; and expected_depth before. */
static uintptr_t forker;
static unsigned depth_before_fork;

void loader_lock(struct loader *ld)
{
	lock_take(&ld->lock, loader_thread(ld));
}

bool loader_try_lock(struct loader *ld)
{
	uintptr_t me = loader_thread(ld);

	if (lock_is_held(&ld->lock, me)) {
		ld->lock.depth++;
		return true;
	}
	return spin(&ld->lock, me);
}

void loader_unlock(struct loader *ld)
{
	lock_give_back(&ld->lock);
}

bool loader_is_locked(const struct loader *ld)
{
	return lock_is_held(&ld->lock, loader_thread(ld));
}

bool loader_may_change(const struct loader *ld)
{
	if (loader_is_locked(ld))
		return ld->lock.depth == expected_depth;
	return !loader_is_running(ld);
}

unsigned loader_begin_foreign(const struct loader *ld)
{
	unsigned before = expected_depth;

	if (loader_is_locked(ld))
		expected_depth = ld->lock.depth + 1;
	return before;
}

void loader_end_foreign(const struct loader *ld, unsigned before)
{
	if (loader_is_locked(ld))
		expected_depth = before;
}

void loader_before_fork(struct loader *ld)
{
	loader_lock(ld);
	depth_before_fork = loader_begin_foreign(ld); /* other handlers of the fork */
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
	loader_end_foreign(ld, depth_before_fork);
	loader_unlock(ld);
}
