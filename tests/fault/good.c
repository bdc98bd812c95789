/* TLS that does not fit the loader's first heap: its block is one more system call. */
extern int dependency(void);

static _Thread_local char room[100000];
static _Thread_local volatile int set = 7;

int good(void)
{
	room[sizeof room - 1]++;
	return 10 * dependency() + set + room[sizeof room - 1];
}
