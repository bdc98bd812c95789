/* call.c: the common beginning and end of the dl* functions; dlerror. */
#include "dl/dl.h"
#include "object/load_order.h"
#include "state/libc.h"
#include "tls/tls.h"

/* The least size of the buffer for dlerror's text, so that it rarely has to grow. */
#define MIN_ERROR ((size_t)400)

struct arena_mark dl_enter(struct loader *ld)
{
	loader_lock(ld);
	return arena_mark(&ld->scratch);
}

static bool grow_error(struct loader *ld, struct tls_thread *t, size_t n)
{
	if (!loader_may_change(ld))
		return false;
	if (n < MIN_ERROR)
		n = MIN_ERROR;
	if (!t->error && !t->dtv && ld->abi->watch_thread)
		ld->abi->watch_thread(ld, t);
	heap_free(&ld->heap, t->error);
	t->error = heap_alloc(&ld->heap, n, 0, 0);
	t->error_room = t->error ? n : 0;
	return t->error;
}

/* Moves the messages of fail() to the calling thread's text for dlerror. */
static void keep_error(struct loader *ld)
{
	struct tls_thread *t = tls_self(ld);
	size_t n = diag_first(&ld->diag, t->error, t->error_room) + 1;

	if (n > t->error_room && grow_error(ld, t, n))
		diag_first(&ld->diag, t->error, n);
	t->error_set = true;
}

void dl_leave(struct loader *ld, struct arena_mark mark, enum dl_result result)
{
	if (result == DL_FAILED)
		keep_error(ld);
	else if (ld->abi->calls_clear_error)
		tls_self(ld)->error_set = false;
	/* A call may succeed in spite of a message: of a damaged table, where another object has
	 * the symbol.  The messages are in the scratch arena. */
	diag_clear(&ld->diag);
	arena_release(&ld->scratch, mark);
	loader_unlock(ld);
}

char *api_dlerror(void)
{
	static char no_memory[] = "out of memory";
	struct tls_thread *t = tls_self(&loader);

	if (!t->error_set)
		return NULL;
	t->error_set = false;
	return t->error ? t->error : no_memory;
}

int dl_may_change(struct loader *ld, const char *function)
{
	if (loader_may_change(ld))
		return 0;
	return fail(ld, "%s: called by a signal handler that has interrupted the loader", function);
}

struct dso *dl_object(struct loader *ld, void *handle)
{
	if (handle == ld->program->map)
		return ld->program;
	/* From the end: most handles are of recently opened objects. */
	for (struct dso *d = ld->last; d; d = d->state->prev)
		if (d->map == handle && !d->state->closing)
			return d;
	fail(ld, "invalid handle %p: no object that dlopen returned", handle);
	return NULL;
}

const char *dl_file_name(const struct loader *ld, const struct dso *d)
{
	return d == ld->program && ld->abi->program_nameless && ld->config.argc ? ld->config.argv[0]
										: d->path;
}

EXPORT(dlerror);
