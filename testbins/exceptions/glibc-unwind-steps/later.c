/* Its block is made when it is first touched, in each thread. */
static _Thread_local int value = 40;

int later(int a)
{
	return value += a;
}

int called(int a);

/* Its slot is still unbound, whatever an earlier start may have left of the program's. */
int call(int a)
{
	return called(a);
}
