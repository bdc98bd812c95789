int only_in_second = 6;
int data = 1000; /* loses to the first library's */

int hidden(void)
{
	return 1000;
}
