#include "width.h"

int SUM(vector a, vector b, vector c, vector d, vector e, vector f, vector g, vector h)
{
	vector all[8] = {a, b, c, d, e, f, g, h};
	const unsigned lanes = WIDTH / sizeof(double);
	double sum = 0;
	unsigned i, lane;

	for (i = 0; i < 8; i++)
		for (lane = 0; lane < lanes; lane++)
			sum += all[i][lane] * (i * lanes + lane + 1);
	return (int)sum;
}
