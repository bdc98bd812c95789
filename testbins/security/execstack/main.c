/* A program that asks for an executable stack (PT_GNU_STACK with PF_X) and runs code on it. */
#include <stdio.h>
#include <string.h>

#include "check_maps.h"

int main(void)
{
	unsigned char code[16] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
	int (*function)(void);
	void *p = code;

	check_maps("at main");
	__asm__ volatile(""
			 :
			 : "r"(p)
			 : "memory"); /* the bytes are used, whatever the compiler sees */
	memcpy(&function, &p, sizeof(p));
	printf("from the stack: %d\n", function());
	return 0;
}
