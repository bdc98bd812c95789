/* Catches what libraries throw, by type; one library is opened at run time. */
#include "thrown.h"

extern "C" int printf(const char *, ...);
extern "C" void *dlopen(const char *, int);
extern "C" void *dlsym(void *, const char *);
extern "C" void from_library(int);

thrown::~thrown()
{
}

static void call(void (*f)(int), int value)
{
	try {
		f(value);
		printf("%d: nothing thrown\n", value);
	} catch (const thrown &t) {
		printf("%d: thrown %d\n", value, t.value);
	} catch (int i) {
		printf("%d: int %d\n", value, i);
	}
}

int main()
{
	void *later = dlopen("liblater.so", 2);

	for (int value = 0; value < 3; value++) {
		call(from_library, value);
		call(reinterpret_cast<void (*)(int)>(dlsym(later, "from_later")), value);
	}
	return 0;
}
