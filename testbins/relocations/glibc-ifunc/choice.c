/* Resolvers that look at data of their library, which must have been relocated before. */
#include <stddef.h>

static int first(void)
{
	return 1;
}

static int second(void)
{
	return 2;
}

int choice_data[4] = {10, 20, 30, 40};
const char *choice_text = "copied text";
static volatile int selector = 20;
static int (*const candidates[])(void) = {first, second};

static int (*resolve(void))(void)
{
	return candidates[selector == 20];
}

int chosen(void) __attribute__((ifunc("resolve")));
static int chosen_inside(void) __attribute__((ifunc("resolve")));

int (*chosen_pointer)(void) = chosen;
int through_library(void);
int through_library(void)
{
	return chosen() * 100 + chosen_inside() * 10 + chosen_pointer();
}

int *address_of_data(void);
int *address_of_data(void)
{
	return choice_data;
}
