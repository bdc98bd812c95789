/* Text relocations in a library: its code must work, and be read-only and executable again. */
#include "free.h"

int text_word(void), text_after(int);

int main(void)
{
	check_maps("at main");
	show("word in the text segment", text_word());
	show("code beside it", text_after(4));
	return 0;
}
