#include "free.h"
#include "width.h"

static vector make(int n)
{
	vector v;
	unsigned lane;

	for (lane = 0; lane < WIDTH / sizeof(double); lane++)
		v[lane] = n + lane;
	return v;
}

void CALL(void);
void CALL(void)
{
	show("eight vectors of " TEXT,
		SUM(make(1), make(2), make(3), make(5), make(7), make(11), make(13), make(17)));
}
