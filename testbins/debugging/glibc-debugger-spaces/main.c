#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

int main(void)
{
	void *guest = dlmopen(LM_ID_NEWLM, "./libguest.so", RTLD_NOW);
	int (*step)(int) = guest ? (int (*)(int))dlsym(guest, "guest_step") : 0;

	if (!step)
		return 1;
	printf("%d\n", step(3));
	printf("closed: %d\n", dlclose(guest));
	return 0;
}
