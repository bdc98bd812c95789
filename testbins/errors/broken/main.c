/* A program with something of everything, of which broken copies are made. */
#include "free.h"

int victim(int);
extern int victim_data;
int *pointer = &victim_data;
static __thread volatile int own = 1;

__attribute__((constructor)) static void start(void)
{
	own = own * 1;
}

int main(void)
{
	show("victim", victim(*pointer + own));
	return 0;
}
