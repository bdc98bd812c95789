/* Opened although it uses the initial-exec model. */
__thread int counter = 10;

int bump(void)
{
	return ++counter;
}
