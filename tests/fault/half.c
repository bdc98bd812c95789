/* Needs libgood.so and libspare.so, which are there, and libgone.so, which is not. */
int half(void)
{
	return 1;
}
