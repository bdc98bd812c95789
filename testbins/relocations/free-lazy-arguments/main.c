/* Calls functions of a library for the first time with every argument register in use, integer,
 * floating point and vector: a resolver that spills only some of them shows. */
#include "free.h"
#include "vectors.h"

int sum_integers(long, long, long, long, long, long, long, long, long, long);
int sum_doubles(double, double, double, double, double, double, double, double, double);
int sum_mixed(int, double, long, float, int, double, char, float);
struct pair {
	double x;
	long y;
};
struct pair give_pair(struct pair, struct pair);

struct big {
	long part[8];
};
struct big give_big(long); /* the address of the result is in a register too */
int variadic(int, ...);

int main(void)
{
	struct pair p = give_pair((struct pair){1.5, 2}, (struct pair){3.5, 4});
	struct big b;

	check_maps("at main");
	show("integers", sum_integers(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
	show("doubles", sum_doubles(1, 2, 3, 4, 5, 6, 7, 8, 9));
	show("mixed", sum_mixed(1, 2, 3, 4, 5, 6, 7, 8));
	show("pair.x", (long)p.x);
	show("pair.y", p.y);
	b = give_big(3);
	show("big", b.part[0] + b.part[7]);
	show("variadic", variadic(3, 1.0, 2.0, 4.0));
	call_vectors();
	check_maps("after lazy binding");
	return 0;
}
