/*
 * A library of a graph. It is compiled once for each set of shared symbols and linked once for each
 * number of dependencies; the libraries are byte copies of that, with names of the same length
 * written over the placeholders (build.py). Every library defines graph_first(): the one that answers
 * is the first in the scope.
 */
#include "log.h"

const char *graph_first(void);

static const char name[] = "libg@@@@.so";

const char *graph_first(void)
{
	return name;
}

/* Vague linkage: several libraries define these, and all use the same one. SHARED is a set of bits. */
#define VAGUE(n)                                                                                   \
	const char *graph_vague_##n(void);                                                         \
	__attribute__((weak)) const char *graph_vague_##n(void)                                    \
	{                                                                                          \
		return name;                                                                       \
	}
#define ASK(n) shared = graph_vague_##n

static const char *(*volatile shared)(void);

#if SHARED & 1
VAGUE(0)
#endif
#if SHARED & 2
VAGUE(1)
#endif
#if SHARED & 4
VAGUE(2)
#endif

#if SHARED & 8
const char *graph_late(void);
const char *graph_late(void)
{
	return name;
}
#endif

/* What is bound at its first call, when the library is opened so: graph_late() of one that may have
 * been opened meanwhile. */
static const char *see(look_up *look)
{
#if SHARED & 16
	const char *graph_late(void);

	if (look(0, "graph_late"))
		return graph_late();
#endif
	return look ? graph_first() : name;
}

static const char *look_for(void *handle, look_up *look)
{
	const char *(*f)(void) = (const char *(*)(void))look(handle, "graph_first");

	return f ? f() : "nobody";
}

static struct library self = {.name = name, .see = see, .look_for = look_for};

__attribute__((constructor)) static void init(void)
{
	log_event("init", name);
	log_join(&self);
#if SHARED & 1
	ASK(0);
#endif
#if SHARED & 2
	ASK(1);
#endif
#if SHARED & 4
	ASK(2);
#endif
}

__attribute__((destructor)) static void fini(void)
{
	log_event("fini", name);
	log_leave(&self);
}
