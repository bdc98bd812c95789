extern int second(void);

int first(void)
{
	return second() - 1;
}
