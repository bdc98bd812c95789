const char *place(void)
{
	return "sub";
}
