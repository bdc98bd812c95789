/* Its name is all that matters. */
int zero(void);

int zero(void)
{
	return 0;
}
