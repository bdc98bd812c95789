/* The order of preinit, constructors and destructors over a program, a chain and a cycle. */
#include "free.h"

void left(void), right(void);

static void preinit(void)
{
	put("preinit of the program\n");
}

__attribute__((section(".preinit_array"), used)) static void (*const preinit_entry)(void) = preinit;

__attribute__((constructor(200))) static void second(void)
{
	put("constructor 200 of the program\n");
}

__attribute__((constructor(150))) static void first(void)
{
	put("constructor 150 of the program\n");
}

__attribute__((destructor(150))) static void last(void)
{
	put("destructor 150 of the program\n");
}

__attribute__((destructor(200))) static void last_but_one(void)
{
	put("destructor 200 of the program\n");
}

int main(void)
{
	put("main\n");
	left();
	right();
	return 3;
}
