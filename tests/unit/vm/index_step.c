/* index_step.c: readers and the writer of an index, interrupted between any two instructions.
 *
 * The processor traps after each instruction, and the trap's handler is what gets in between: a
 * reader in the middle of an update, updates in the middle of a find, the end of a writer that
 * never goes on, and a writer that is itself stopped anywhere in the middle of a find.  So all
 * places are tried, which threads and timers hit by chance alone.  The code is what the loader
 * gets. x86_64 alone has a trap flag that a program can set by itself; elsewhere these are skipped.
 *
 * The last test needs no such flag: signals from another thread, for a while.
 *
 * Flags: -O2 -pthread
 */
#define _GNU_SOURCE

#include "vm/index.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

#include <cmocka.h>

/* Every second unit of address space may hold a range, named by its number. */
enum { RANGES = 8, UNIT = 0x1000, ROOM = 16 };

struct state {
	struct vm_index ix;
	bool present[RANGES];
	int changing; /* the range whose update is going on: found or not; -1: none */
	char *memory;
	size_t used;
	uint64_t random;
	unsigned long wrong; /* answers; told outside of handlers */
};

static struct state s;

static size_t rnd(size_t n)
{
	s.random = s.random * 6364136223846793005u + 1442695040888963407u;
	return (s.random >> 33) % n;
}

static struct vm_index_entry entry(size_t n)
{
	uintptr_t start = (2 * n + 1) * UNIT;

	return (struct vm_index_entry){
		start, start + UNIT, (void *)(start * 3), (void *)(start * 5)};
}

static void *alloc(void *ctx, size_t bytes)
{
	(void)ctx;
	s.used += (bytes + 63) & ~(size_t)63;
	return s.used <= (size_t)1 << 20 ? memset(s.memory + s.used - bytes, 0, bytes) : NULL;
}

static void check(size_t n)
{
	struct vm_index_entry e = entry(n), found;

	if (vm_index_find(&s.ix, e.start + 8, NULL, &found))
		s.wrong += (!s.present[n] && s.changing != (int)n) ||
			   memcmp(&found, &e, sizeof e) != 0;
	else
		s.wrong += s.present[n] && s.changing != (int)n;
	s.wrong += vm_index_find(&s.ix, e.start - 8, NULL, &found);
}

static void check_all(void)
{
	for (size_t n = 0; n < RANGES; n++)
		check(n);
}

/* Adds range n if it is not there, and else removes it. */
static void update(size_t n)
{
	struct vm_index_entry e = entry(n);

	s.changing = (int)n;
	if (s.present[n])
		s.wrong += !vm_index_remove(&s.ix, e.start);
	else
		s.wrong += vm_index_add(&s.ix, &e) != 0;
	s.present[n] = !s.present[n];
	s.changing = -1;
}

/* An index of a few ranges with some history. */
static void fresh(uint64_t seed, size_t room)
{
	size_t bytes = VM_INDEX_BYTES(room);

	memset(s.present, 0, sizeof s.present);
	s.changing = -1;
	s.used = 0;
	s.random = seed;
	vm_index_init(&s.ix, alloc(NULL, bytes), bytes, alloc, NULL);
	for (size_t i = rnd(2 * room); i; i--)
		update(rnd(RANGES));
}

static int set_up(void **state)
{
	(void)state;
	memset(&s, 0, sizeof s);
	s.memory = aligned_alloc(64, (size_t)1 << 20);
	return s.memory ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(s.memory);
	return 0;
}

/* ---- Stepping ---- */

#ifdef __x86_64__

enum { TRAP_FLAG = 0x100 };

static volatile unsigned long steps, stop_at; /* traps so far; the one that calls at_stop */
static void (*volatile at_step)(void), (*volatile at_stop)(void);

static void step_on(void)
{
	__builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() | TRAP_FLAG);
}

static void step_off(void)
{
	__builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~(uint64_t)TRAP_FLAG);
}

static void on_trap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	(void)sig, (void)info;
	steps++;
	if (at_step)
		at_step();
	if (steps != stop_at)
		return;
	c->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
	at_stop();
}

static void catch_traps(void (*each)(void), void (*stop)(void))
{
	struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER};

	assert_int_equal(sigaction(SIGTRAP, &action, NULL), 0);
	at_step = each;
	at_stop = stop;
}

/* A signal handler that finds, anywhere in an update. */
static void find_in_update(void **state)
{
	unsigned long all = 0;

	(void)state;
	catch_traps(check_all, NULL);
	stop_at = 0;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		fresh(seed, 4);
		for (size_t i = 0; i < 25; i++) {
			size_t n = rnd(RANGES);

			steps = 0;
			step_on();
			update(n);
			step_off();
			all += steps;
		}
	}
	print_message("%lu instructions of updates interrupted\n", all);
	assert_int_equal(s.wrong, 0);
	assert_true(all > 8 * 25 * 20);
}

/* The find that is interrupted is of a range that is there all the time, between others. */
enum { STABLE = RANGES / 2 };

static size_t updates; /* of others, in between */

static size_t other(void)
{
	return (STABLE + 1 + rnd(RANGES - 1)) % RANGES;
}

static void update_some(void)
{
	for (size_t i = 0; i < updates; i++)
		update(other());
}

/* Whether it was interrupted before its end. */
static bool stop_find(uint64_t seed, size_t room, size_t *hint, unsigned long at)
{
	struct vm_index_entry e = entry(STABLE), found = {0};

	fresh(seed, room);
	if (!s.present[STABLE])
		update(STABLE);
	steps = 0;
	stop_at = at;
	step_on();
	s.wrong += !vm_index_find(&s.ix, e.start + 8, hint, &found);
	step_off();
	s.wrong += memcmp(&found, &e, sizeof e) != 0;
	return steps >= at;
}

/* Updates anywhere in a find. */
static void update_in_find(void **state)
{
	unsigned long all = 0;

	(void)state;
	catch_traps(NULL, update_some);
	for (uint64_t seed = 0; seed < 24; seed++) {
		size_t hint = 0;

		updates = 1 + seed % 4;
		for (unsigned long at = 1;
			stop_find(seed, seed % 3 ? ROOM : 4, seed % 8 < 4 ? &hint : NULL, at); at++)
			all++;
	}
	print_message("%lu finds interrupted\n", all);
	assert_int_equal(s.wrong, 0);
	assert_true(all > 24 * 20);
}

/* A writer that stops anywhere and never goes on. */
static sigjmp_buf stopped;

static void leave_update(void)
{
	siglongjmp(stopped, 1);
}

/* Whether it was left before its end. */
static bool stop_update(size_t n, unsigned long at)
{
	steps = 0;
	stop_at = at;
	if (sigsetjmp(stopped, 0))
		return true;
	step_on();
	update(n);
	step_off();
	return false;
}

/* Finds out what became of the update that was left. */
static void settle(void)
{
	struct vm_index_entry found;
	int n = s.changing;

	if (n >= 0)
		s.present[n] = vm_index_find(&s.ix, entry((size_t)n).start, NULL, &found);
	s.changing = -1;
}

static void unfinished_update(void **state)
{
	unsigned long all = 0;

	(void)state;
	catch_traps(NULL, leave_update);
	for (uint64_t seed = 0; seed < 12; seed++) {
		bool left = true;

		for (unsigned long at = 1 + seed % 7; left; at += 7) {
			fresh(seed, 4 << seed % 2);
			left = stop_update(rnd(RANGES), at);
			check_all();
			settle();
			for (size_t i = 0; i < 8; i++) {
				check_all();
				update(rnd(RANGES));
			}
			check_all();
			all += left;
		}
	}
	print_message("%lu updates left unfinished\n", all);
	assert_int_equal(s.wrong, 0);
	assert_true(all > 12 * 3);
}

/* A writer in the middle of an update, anywhere in a find: some updates, and one that stops. */
static unsigned long inner_at;
static bool inner_left;

static void update_and_stop(void)
{
	unsigned long outer_steps = steps, outer_stop = stop_at;

	update_some();
	at_stop = leave_update;
	inner_left = stop_update(other(), inner_at);
	at_stop = update_and_stop;
	steps = outer_steps;
	stop_at = outer_stop;
}

static void half_update_in_find(void **state)
{
	unsigned long all = 0, at = 0;

	(void)state;
	catch_traps(NULL, update_and_stop);
	updates = 1;
	do {
		at++;
		inner_at = at % 37;
		do {
			inner_at += 37;
			inner_left = false;
			stop_find(1000 + at % 3, ROOM, NULL, at);
			all += inner_left;
		} while (inner_left);
	} while (steps >= at);
	print_message("%lu finds with a writer inside\n", all);
	assert_int_equal(s.wrong, 0);
	assert_true(all > 20 * 2);
}

#else

static void find_in_update(void **state)
{
	(void)state;
	skip();
}

#define update_in_find      find_in_update
#define unfinished_update   find_in_update
#define half_update_in_find find_in_update

#endif

/* ---- Signals from elsewhere ---- */

static volatile unsigned long signals, hits; /* those that came during an update */
static volatile bool done;

static void on_signal(int sig)
{
	(void)sig;
	signals++;
	hits += s.changing >= 0;
	check_all();
}

static void *send_signals(void *writer)
{
	const struct timespec pause = {0, 20000};

	while (!done) {
		pthread_kill(*(pthread_t *)writer, SIGUSR1);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static void signal_storm(void **state)
{
	pthread_t writer = pthread_self(), sender;
	struct sigaction action = {.sa_handler = on_signal};
	time_t end = time(NULL) + 10;

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	fresh(1, 4);
	assert_int_equal(pthread_create(&sender, NULL, send_signals, &writer), 0);
	while ((signals < 5000 || hits < 100) && time(NULL) < end)
		for (int i = 0; i < 1000; i++)
			update(rnd(RANGES));
	done = true;
	pthread_join(sender, NULL);
	print_message("%lu signals, %lu of them during an update\n", signals, hits);
	assert_int_equal(s.wrong, 0);
	assert_true(hits >= 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(find_in_update, set_up, tear_down),
		cmocka_unit_test_setup_teardown(update_in_find, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unfinished_update, set_up, tear_down),
		cmocka_unit_test_setup_teardown(half_update_in_find, set_up, tear_down),
		cmocka_unit_test_setup_teardown(signal_storm, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
