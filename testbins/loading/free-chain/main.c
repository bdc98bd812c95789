/* Calls down a chain of three libraries; each uses data and functions of the next. */
#include "free.h"

extern int a_value;
int a_sum(int);

int main(void)
{
	check_maps("at main");
	show("a_value", a_value);
	show("a_sum(5)", a_sum(5));
	return 0;
}
