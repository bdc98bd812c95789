/* Thread-local storage without a libc: each access model, aligned and zeroed parts. */
#include "free.h"

static __thread int local = 1;
static __thread long zeroed[100];
__thread _Alignas(256) char aligned[3] = "ab";
extern __thread int initial_exec;

int ie_sum(void), gd_sum(void), ld_sum(void);
char *library_aligned(void);

int main(void)
{
	check_maps("at main");
	show("local-exec", local++);
	show("zeroed", zeroed[0] + zeroed[99]);
	put(aligned);
	put("\n");
	show("alignment of 256", (long)((uintptr_t)aligned % 256));
	show("initial-exec", initial_exec++);
	show("library, initial-exec", ie_sum());
	show("library, global-dynamic", gd_sum());
	show("library, local-dynamic", ld_sum());
	show("alignment of 4096 in a library", (long)((uintptr_t)library_aligned() % 4096));
	show("local-exec again", local);
	return 0;
}
