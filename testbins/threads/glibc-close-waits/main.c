/* A dlclose that finds another thread's at work waits for it.  That one collects what has become
 * unused meanwhile, so that the object which the waiting one was called for may be gone when its turn
 * comes, while there is something else to collect.
 *
 *	closer             four others            the last
 *	dlclose libslow
 *	  destructor       dlclose libx*
 *	                     wait
 *	  opens, closes libagain
 *	collects libx*, libagain
 *	  destructor                              dlclose liblast
 *	                                            waits
 *	done               collects liblast
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define OTHERS 4
#define ROUNDS 5

static const char *const names[OTHERS + 1] = {
	"libx0.so", "libx1.so", "libx2.so", "libx3.so", "liblast.so"};
static void *handles[OTHERS + 1];
static pthread_t others[OTHERS + 1];
static int stages, destructors, failures;

static void *close_one(void *handle)
{
	if (dlclose(handle))
		__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* Starts a thread that closes handle i, and gives it time to wait. */
static void start(int i)
{
	pthread_create(&others[i], NULL, close_one, handles[i]);
	usleep(20000);
}

void count_destructor(void)
{
	__atomic_add_fetch(&destructors, 1, __ATOMIC_RELAXED);
}

void while_closing(int stage)
{
	stages++;
	if (stage == 2) {
		start(OTHERS);
		return;
	}
	for (int i = 0; i < OTHERS; i++)
		start(i);
	void *again = dlopen("libagain.so", RTLD_NOW);

	failures += !again || dlclose(again);
}

int main(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		void *slow = dlopen("libslow.so", RTLD_NOW);
		int left = 0;

		for (int i = 0; i <= OTHERS; i++)
			handles[i] = dlopen(names[i], RTLD_NOW);
		failures += !slow || dlclose(slow);
		for (int i = 0; i <= OTHERS; i++) {
			pthread_join(others[i], NULL);
			left += dlopen(names[i], RTLD_NOW | RTLD_NOLOAD) != NULL;
		}
		failures += left;
	}
	printf("stages %d, destructors %d, failures %d\n", stages, destructors, failures);
	return 0;
}
