int first(void), second(void);

int user(void)
{
	return first() + second();
}
