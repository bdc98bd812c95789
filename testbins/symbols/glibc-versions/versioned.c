/* function() in three versions, of which THIRD_3.0 is the default. */
#define VERSION(number, text)                                                                      \
	const char *function##number(void);                                                        \
	const char *function##number(void)                                                         \
	{                                                                                          \
		return text;                                                                       \
	}

VERSION(1, "first")
VERSION(2, "second")
VERSION(3, "third")
__asm__(".symver function1, function@FIRST_1.0");
__asm__(".symver function2, function@SECOND_2.0");
__asm__(".symver function3, function@@THIRD_3.0");

int only_first(void);
int added_second(void);
int added_third(void);

int only_first(void)
{
	return 1;
}

int added_second(void)
{
	return 2;
}

int added_third(void)
{
	return 3;
}
