/* Every access model of thread-local storage in a program and its libraries, as seen by the main
 * thread and by others: initial values, alignment, independence. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "check_maps.h"

#define KIB 1024

static __thread int local = 1;
static __thread _Alignas(64) char aligned[64] = "aligned";
extern __thread int library_variable;
extern __thread char library_zero[1024 * KIB];

int dynamic_sum(int add), local_dynamic_sum(int add), initial_sum(int add);
void *library_page(int which);

static void use(const char *who)
{
	int i;
	long nonzero = 0;

	for (i = 0; i < 1024 * KIB; i += 509)
		nonzero += library_zero[i] != 0;
	printf("%s: local %d, aligned \"%s\" %d, extern %d, nonzero in 1 MiB %ld\n", who, local,
		aligned, (uintptr_t)aligned % 64 == 0, library_variable, nonzero);
	printf("%s: general dynamic %d, local dynamic %d, initial exec %d\n", who, dynamic_sum(1),
		local_dynamic_sum(2), initial_sum(3));
	printf("%s: alignment 512 %d, 4096 %d, 8192 %d\n", who,
		(uintptr_t)library_page(0) % 512 == 0, (uintptr_t)library_page(1) % 4096 == 0,
		(uintptr_t)library_page(2) % 8192 == 0);
	printf("%s: contents %s %s %s\n", who, (char *)library_page(0), (char *)library_page(1),
		(char *)library_page(2));
	local++;
	library_variable += 5;
	memset(library_zero, 1, 1024 * KIB);
	strcpy(library_page(2), "changed");
}

static void *thread(void *name)
{
	use(name);
	use(name);
	return NULL;
}

int main(void)
{
	pthread_t id;

	check_maps("at main");
	use("main");
	pthread_create(&id, NULL, thread, "thread");
	pthread_join(id, NULL);
	use("main");
	return 0;
}
