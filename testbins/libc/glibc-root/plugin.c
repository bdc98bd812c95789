/* Opened to see that opening works. */
__thread int value = 7;

int plugin(void);
int plugin(void)
{
	return value;
}
