/* The unwinder finds its way through a program and libraries, one of them opened later: by
 * _Unwind_Backtrace and by forced unwinding that runs the cleanups of C frames in between. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unwind.h>

#include "check_maps.h"
#include "forced_unwind.h"

typedef void callback(void);
void through_library(callback *);

static void clean(const char **what)
{
	printf("cleanup of %s\n", *what);
}

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *names)
{
	Dl_info info;

	if (dladdr((void *)_Unwind_GetIP(context), &info) && info.dli_sname &&
		!strncmp(info.dli_sname, "through_", 8))
		strcat(strcat(names, " "), info.dli_sname);
	return _URC_NO_REASON;
}

static void backtrace(void)
{
	char names[500] = "";

	_Unwind_Backtrace(visit, names);
	printf("frames of libraries:%s\n", names);
}

static void *limit;

static void leave(void)
{
	__attribute__((cleanup(clean))) const char *what = "the callback";

	unwind_up_to(limit);
	printf("%s was not left\n", what);
}

static void in_between(void through(callback *), callback *f)
{
	__attribute__((cleanup(clean))) const char *what = "the frame below the library";

	through(f);
	printf("%s was not left\n", what);
}

int main(void)
{
	void *later = dlopen("liblater.so", RTLD_NOW);
	void (*through_later)(callback *) = (void (*)(callback *))dlsym(later, "through_later");
	char here;

	limit = &here;
	check_maps("at main");
	through_library(backtrace);
	through_later(backtrace);
	if (!setjmp(landing))
		in_between(through_library, leave);
	puts("back in main");
	if (!setjmp(landing))
		in_between(through_later, leave);
	puts("back in main");
	return 0;
}
