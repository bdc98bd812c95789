/* Opens what main.c needs. */
#include <dlfcn.h>
#include <stdio.h>

int main(void)
{
	static const char *const names[] = {
		"libnoopen.so", "libinterpose.so", "liba.so", "libfirst.so", "libnodelete.so"};
	void *handles[5];
	int i;

	setvbuf(stdout, NULL, _IONBF, 0);
	for (i = 0; i < 5; i++) {
		handles[i] = dlopen(names[i], RTLD_NOW | RTLD_GLOBAL);
		printf("%s: %s\n", names[i], handles[i] ? "opened" : "refused");
	}
	for (i = 0; i < 5; i++)
		if (handles[i])
			printf("close %s: %d\n", names[i], dlclose(handles[i]));
	puts("end of main");
	return 0;
}
