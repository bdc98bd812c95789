/* Was linked when SECOND_2.0 was the newest. */
const char *function_second(void);
__asm__(".symver function_second, function@SECOND_2.0");
int added_second(void);

const char *middle(void);
const char *middle(void)
{
	return added_second() == 2 ? function_second() : "wrong";
}
