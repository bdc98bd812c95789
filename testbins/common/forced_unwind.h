/* forced_unwind.h: unwinds up to a frame, as pthread_cancel does, and lands where setjmp was called. */
#ifndef FORCED_UNWIND_H
#define FORCED_UNWIND_H

#include <setjmp.h>
#include <unwind.h>

static jmp_buf landing;

static _Unwind_Reason_Code unwind_step(int version, _Unwind_Action actions,
	_Unwind_Exception_Class class, struct _Unwind_Exception *e, struct _Unwind_Context *context,
	void *limit)
{
	(void)version;
	(void)class;
	(void)e;
	if (actions & _UA_END_OF_STACK || (char *)_Unwind_GetCFA(context) > (char *)limit)
		longjmp(landing, 1);
	return _URC_NO_REASON;
}

/* limit: an address in the frame that is not unwound any more. */
static void unwind_up_to(void *limit)
{
	static struct _Unwind_Exception exception;

	_Unwind_ForcedUnwind(&exception, unwind_step, limit);
}

#endif
