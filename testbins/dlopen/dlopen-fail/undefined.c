int nobody_has_this(void);
extern int nobody_has_this_either;

int undefined(void)
{
	return nobody_has_this() + nobody_has_this_either;
}
