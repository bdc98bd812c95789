/* Opened and used under the filter. */
static __thread int own = 5;

int from_opened(void)
{
	return own;
}
