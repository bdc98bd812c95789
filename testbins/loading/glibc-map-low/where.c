static char here;

const void *NAME(void)
{
	return &here;
}
