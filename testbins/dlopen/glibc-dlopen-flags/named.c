/* The same function in the program and in libraries. */
const char *who(void);
const char *who(void)
{
	return WHO;
}
