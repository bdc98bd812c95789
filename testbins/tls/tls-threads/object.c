__thread int library_int = 9;
__thread char library_text[300] = "text";
static __thread int calls;

int library_bump(void)
{
	return ++calls;
}
