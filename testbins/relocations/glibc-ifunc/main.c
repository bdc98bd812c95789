/* Calls what was chosen in every way; one choice is the program's own. */
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

int chosen(void);
int through_library(void);
int *address_of_data(void);
extern int (*chosen_pointer)(void);
extern int choice_data[4];
extern const char *choice_text;

static int ours(void)
{
	return 7;
}

static int (*resolve_own(void))(void)
{
	return ours;
}

static int own(void) __attribute__((ifunc("resolve_own")));
static int (*volatile own_pointer)(void) = own;
static int (*volatile pointer)(void) = chosen;

static void library_functions(void)
{
	static char text[1000], copy[1000];
	static wchar_t wide[100];
	volatile double x = 0.7;
	volatile float f = 1.3f;

	memset(text, 'a', 900);
	memcpy(copy, text, 901);
	memmove(copy + 3, copy, 800);
	strcpy(text + 500, "needle");
	wmemset(wide, L'w', 50);
	printf("%zu %d %ld %zu %d %zu\n", strlen(text), memcmp(text, copy, 500),
		(long)(strstr(text, "needle") - text), strspn(text, "a"), strcasecmp("ABC", "abc"),
		wcslen(wide));
	printf("%.17g %.17g %.17g %.17g %.17g\n", sin(x), exp(x), log(x), pow(x, 2.5), atan2(x, 2));
	printf("%.9g %.9g %.9g %g %g %g\n", sinf(f), expf(f), powf(f, 3), floor(2.7), ceil(2.1),
		nearbyint(2.5));
	printf("%.17g time %d\n", fma(x, x, x), time(NULL) > 1000000);
}

int main(void)
{
	void *self = dlopen(NULL, RTLD_NOW);
	int (*found)(void) = (int (*)(void))dlsym(self, "chosen");

	printf("%d %d %d %d\n", chosen(), pointer(), found(), through_library());
	printf("one address: %d %d\n", pointer == chosen, found == chosen);
	printf("own: %d %d\n", own(), own_pointer());
	printf("data: %d %d %s\n", choice_data[1], address_of_data() == choice_data, choice_text);
	choice_data[2] = 5;
	printf("data: %d, by pointer %d\n", address_of_data()[2], chosen_pointer());
	library_functions();
	return 0;
}
