/* Constructors, destructors, atexit handlers and the flush of stdio, in order. */
#include <stdio.h>
#include <stdlib.h>

#include "check_maps.h"

void top(void);

static void at_exit_1(void)
{
	puts("atexit 1");
}

static void at_exit_2(void)
{
	puts("atexit 2");
}

__attribute__((constructor(300))) static void second(void)
{
	puts("constructor 300 of the program");
}

__attribute__((constructor(200))) static void first(void)
{
	puts("constructor 200 of the program");
}

__attribute__((destructor)) static void last(void)
{
	puts("destructor of the program");
}

int main(void)
{
	check_maps("at main");
	puts("main");
	atexit(at_exit_1);
	top();
	atexit(at_exit_2);
	printf("not flushed by hand");
	return 9;
}
