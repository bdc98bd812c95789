__attribute__((weak)) const char *where(void)
{
	return "from the first, weak";
}
