/* What libwants.so wants without needing it. */
int global_value(void);
int global_value(void)
{
	return 21;
}
