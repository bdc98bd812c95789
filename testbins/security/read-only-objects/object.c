int object(void)
{
	return 1;
}
