/*
 * A library of a graph. It is compiled once and linked once for each number of dependencies; the
 * libraries are byte copies of that, with names of the same length written over the placeholders
 * (build.py). Every library defines graph_first(): the one that answers is the first in the scope.
 */
void log_event(const char *what, const char *name);
const char *graph_first(void);

static const char name[] = "libg@@@@.so";

const char *graph_first(void)
{
	return name;
}

__attribute__((constructor)) static void init(void)
{
	log_event("init", name);
}

__attribute__((destructor)) static void fini(void)
{
	log_event("fini", name);
}
