/* ALIGN and NAME: a variable that needs the segment's alignment. */
static _Alignas(ALIGN) char variable[ALIGN] = "x";

void *NAME(void)
{
	return variable;
}
