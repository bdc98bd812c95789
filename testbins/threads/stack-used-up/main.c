#include <alloca.h>
#include <pthread.h>
#include <stdio.h>

/* What glibc itself needs of a stack, with room to spare. */
#define REST (20 << 10)

static void *use_up(void *size)
{
	size_t n = *(size_t *)size - REST;
	volatile char *room = alloca(n);

	for (size_t i = 0; i < n; i += 1024)
		room[i] = 1;
	return NULL;
}

int main(void)
{
	for (size_t size = 32 << 10; size <= 256 << 10; size *= 2) {
		pthread_attr_t attributes;
		pthread_t id;

		pthread_attr_init(&attributes);
		pthread_attr_setstacksize(&attributes, size);
		if (pthread_create(&id, &attributes, use_up, &size) || pthread_join(id, NULL))
			return 1;
		printf("%zu KiB\n", size >> 10);
	}
	return 0;
}
