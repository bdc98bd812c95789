/* What lib.c needs when it needs something, and a program that does nothing. */
int needed_data[4] = {5, 6, 7, 8};

int needed_function(int x)
{
	return x + needed_data[0];
}
