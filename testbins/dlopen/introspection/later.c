int later_function(void)
{
	return 1;
}
