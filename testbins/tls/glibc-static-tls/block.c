/* Thread-local data at a fixed distance from the thread pointer. */
#ifndef FILLED
#define FILLED 0
#endif

static __thread __attribute__((tls_model("initial-exec"))) unsigned char block[SIZE]
#if FILLED
	= {[SIZE - 1] = FILLED}
#endif
;

/* The sum, which must be that of the image; changes it so that nobody else's can be taken for it.
 */
int look(void);
int look(void)
{
	long i, sum = 0;

	for (i = 0; i < SIZE; i++)
		sum += block[i];
	block[SIZE / 2]++;
	return (int)sum;
}
