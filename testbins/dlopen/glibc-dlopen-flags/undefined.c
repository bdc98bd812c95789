/* Calls a function that nobody has. */
void nobody_has_this(void);

void call_it(void);
void call_it(void)
{
	nobody_has_this();
}

int works(void);
int works(void)
{
	return 11;
}
