/* STB_GNU_UNIQUE: one definition for all, whoever looks. */
#include "free.h"

int *first_unique(void), *second_unique(void);

int main(void)
{
	show("one object", first_unique() == second_unique());
	*first_unique() = 5;
	show("seen through the second", *second_unique());
	return 0;
}
