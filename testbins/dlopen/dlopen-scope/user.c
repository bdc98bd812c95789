const char *provided(void);

const char *used(void)
{
	return provided();
}
