int gone(void);
extern int gone_too;
int *pointer = &gone_too;

int calls(void)
{
	return gone();
}
