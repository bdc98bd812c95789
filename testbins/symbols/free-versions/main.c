/* One program that uses both versions of a function, the default one and an unversioned one. */
#include "free.h"

__asm__(".symver old_answer, answer@V1");
int old_answer(void);
int answer(void); /* answer@@V2 */
int plain(void);  /* linked when the library had no versions */
int hidden_answer_of_library(void);

int main(void)
{
	show("answer@V1", old_answer());
	show("answer@@V2", answer());
	show("unversioned reference", plain());
	show("seen from an old library", hidden_answer_of_library());
	return 0;
}
