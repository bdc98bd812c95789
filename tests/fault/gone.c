/* Removed once libhalf.so is linked. */
int gone(void)
{
	return 0;
}
