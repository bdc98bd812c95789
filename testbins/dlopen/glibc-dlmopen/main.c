/* One library in the program's namespace and in two of its own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct guest {
	void *handle;
	int (*number)(void);
	int *(*get_errno)(void);
	void *(*get_memory)(size_t);
	int (*open)(void);
};

static struct guest get(void *handle)
{
	struct guest guest = {handle, NULL, NULL, NULL, NULL};

	if (!handle) {
		printf("refused: %s\n", dlerror());
		exit(1);
	}
	guest.number = (int (*)(void))dlsym(handle, "guest_number");
	guest.get_errno = (int *(*)(void))dlsym(handle, "guest_errno");
	guest.get_memory = (void *(*)(size_t))dlsym(handle, "guest_malloc");
	guest.open = (int (*)(void))dlsym(handle, "guest_open");
	return guest;
}

static Lmid_t name_space(void *handle)
{
	Lmid_t id = -2;

	return dlinfo(handle, RTLD_DI_LMID, &id) ? -3 : id;
}

static int length(void *handle)
{
	struct link_map *map;
	int n = 0;

	dlinfo(handle, RTLD_DI_LINKMAP, &map);
	while (map->l_prev)
		map = map->l_prev;
	for (; map; map = map->l_next)
		n += strstr(map->l_name, "lib") != NULL && !strstr(map->l_name, "/ld-");
	return n;
}

static void *thread(void *argument)
{
	struct guest *guests = argument;

	*guests[1].get_errno() =
		3; /* printf there would need what only its own pthread_create sets up */
	printf("thread: %d %d\n", guests[0].number(),
		*guests[1].get_errno() - *guests[2].get_errno());
	return NULL;
}

int main(void)
{
	struct guest guests[3];
	pthread_t id;
	void *there;

	setvbuf(stdout, NULL, _IONBF, 0);
	setenv("TEST_VARIABLE", "set by the program", 1);
	guests[0] = get(dlmopen(LM_ID_BASE, "./libguest.so", RTLD_NOW));
	guests[1] = get(dlmopen(LM_ID_NEWLM, "./libguest.so", RTLD_NOW));
	guests[2] = get(dlmopen(LM_ID_NEWLM, "./libguest.so", RTLD_NOW | RTLD_LOCAL));
	printf("base %ld, different %d\n", name_space(guests[0].handle),
		name_space(guests[1].handle) != name_space(guests[2].handle));
	printf("%d %d\n", guests[0].number(), guests[0].number());
	printf("%d %d\n", guests[1].number(), guests[2].number());
	printf("own errno: %d %d\n", guests[0].get_errno() == &errno,
		guests[1].get_errno() == &errno);
	printf("memory: %d %d\n", guests[1].get_memory(1000) != NULL,
		guests[2].get_memory(1 << 20) != NULL);
	printf("own objects: %d %d\n", length(guests[1].handle), length(guests[2].handle));
	pthread_create(&id, NULL, thread, guests);
	pthread_join(id, NULL);
	printf("opened in its own: %d\n", guests[1].open());
	printf("not in the program's: %d\n", dlsym(RTLD_DEFAULT, "neighbour_value") == NULL);
	there = dlmopen(name_space(guests[1].handle), "./libneighbour.so", RTLD_NOW | RTLD_NOLOAD);
	printf("there already: %d\n", there != NULL);
	there = dlmopen(name_space(guests[2].handle), "./libneighbour.so", RTLD_NOW | RTLD_NOLOAD);
	printf("not there: %d\n", there == NULL);
	dlerror();
	printf("no such namespace: %d\n",
		dlmopen(77, "./libneighbour.so", RTLD_NOW) == NULL && dlerror());
	printf("close: %d\n", dlclose(guests[2].handle));
	printf("close: %d\n", dlclose(guests[0].handle));
	printf("%d\n", guests[1].number());
	return 0;
}
