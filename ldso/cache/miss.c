/* miss.c: why a start could not use a plan; see miss.h. */
#include "cache/miss.h"

/* In the scratch arena, which is not released before miss_reason() is called. */
static const char *reason;

bool miss(struct loader *ld, const char *fmt, const char *what)
{
	char text[4200];

	format(text, sizeof text, fmt, what);
	reason = arena_strdup(&ld->scratch, text);
	return false;
}

const char *miss_reason(void)
{
	return reason ? reason : "";
}

void miss_forget(void)
{
	reason = NULL;
}
