/* Its block is made when it is first touched, in each thread. */
static _Thread_local int value = 40;

int later(int a)
{
	return value += a;
}
