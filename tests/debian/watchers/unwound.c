/* What libunwind tells of the way to a function that libc calls. */
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	unw_context_t context;
	unw_cursor_t at;
	unw_word_t offset;
	char name[64];

	(void)a;
	(void)b;
	unw_getcontext(&context);
	for (unw_init_local(&at, &context); unw_step(&at) > 0;)
		puts(unw_get_proc_name(&at, name, sizeof name, &offset) ? "?" : name);
	return 0;
}

int main(void)
{
	int numbers[] = {2, 1};

	qsort(numbers, 2, sizeof *numbers, compare);
	return 0;
}
