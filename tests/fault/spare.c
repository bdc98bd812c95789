static volatile char room[20000];
static _Thread_local volatile int set = 3;

int spare(void)
{
	return set + room[0];
}
