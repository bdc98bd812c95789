/* One use of each kind of dynamic relocation that C code makes, in a program and two libraries.
 * Prints what the relocated words lead to, never the addresses. */
#include "free.h"

extern int data, bss_like, only_in_second; /* COPY in a non-PIC program, GLOB_DAT in a PIC one */
extern const char *const words[];          /* RELATIVE in the library's .data.rel.ro */
extern int weak_absent __attribute__((weak));
int function(int);                            /* JUMP_SLOT */
int weak_function(int) __attribute__((weak)); /* undefined: 0 */
int interposed(void);
int calls_interposed(void);
int reads_data(void);
int hidden_result(void);

static int local = 5;
int *const to_local = &local;       /* RELATIVE */
int *to_data = &data;               /* ABS */
int *to_element = &data + 1;        /* ABS with an addend */
int (*to_function)(int) = function; /* ABS, function */
int *to_weak = &weak_absent;        /* ABS of weak undefined: 0 */
int (*to_weak_function)(int) = weak_function;
char *to_main = (char *)&to_local + 3;

int interposed(void)
{
	return 1;
}

int main(void)
{
	int i;

	check_maps("at main");
	show("*to_local", *to_local);
	show("*to_data", *to_data);
	show("to_element - &data", to_element - &data);
	show("function(3)", function(3));
	show("to_function(4)", to_function(4));
	show("to_function == function", to_function == function);
	show("weak data is null", to_weak == NULL);
	show("weak function is null", to_weak_function == NULL);
	show("to_main", to_main - (char *)&to_local);
	for (i = 0; words[i]; i++) {
		put(words[i]);
		put("\n");
	}
	data = 77; /* seen by the library: one copy only */
	show("library reads data", reads_data());
	show("bss_like", bss_like);
	show("only_in_second", only_in_second);
	show("library calls interposed", calls_interposed());
	show("hidden stays the library's", hidden_result());
	return 0;
}
