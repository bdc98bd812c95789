/* NAME: calls back.  It has unwind tables and nothing to clean up: in a program without libgcc_s
 * each file has an unwinder of its own, and only the program's is used. */
static volatile int calls;

void NAME(void callback(void));
void NAME(void callback(void))
{
	calls++;
	callback();
	calls++;
}
