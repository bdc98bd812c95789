/* dlinfo.c: information about an object, by its handle. */
#include "dl/dl.h"
#include "base/mem.h"
#include "search/search.h"
#include "tls/tls.h"

static int origin_of(struct loader *ld, struct dso *d, char *result)
{
	const char *origin;

	if (dl_may_change(ld, "dlinfo") < 0)
		return -1;
	origin = search_origin(ld, d);
	if (!origin)
		return fail(ld, "%s: its directory is unknown", d->path);
	memcpy(result, origin, strlen(origin) + 1);
	return 0;
}

/* A search path while it is collected; into is NULL if only its size is computed. */
struct serinfo {
	size_t bytes; /* of the names */
	unsigned count;
	struct dl_serinfo *into;
	char *names;
};

static void add_directory(void *arg, const char *directory)
{
	struct serinfo *s = arg;
	size_t n = strlen(directory) + 1;

	if (s->into) {
		s->into->dls_serpath[s->count] = (struct dl_serpath){s->names + s->bytes, 0};
		memcpy(s->names + s->bytes, directory, n);
	}
	s->bytes += n;
	s->count++;
}

static int measure(struct loader *ld, struct dso *d, struct dl_serinfo *size)
{
	struct serinfo s = {0};

	/* The search allocates $ORIGIN for the object. */
	if (dl_may_change(ld, "dlinfo") < 0)
		return -1;
	if (search_directories(ld, d, add_directory, &s) < 0)
		return -1;
	size->dls_cnt = s.count;
	size->dls_size = sizeof *size + s.count * sizeof *size->dls_serpath + s.bytes;
	return 0;
}

/* The caller has filled in the size by RTLD_DI_SERINFOSIZE; it must be the one needed now. */
static int search_path_of(struct loader *ld, struct dso *d, struct dl_serinfo *result)
{
	struct serinfo s = {.into = result};
	struct dl_serinfo now;

	if (measure(ld, d, &now) < 0)
		return -1;
	if (result->dls_size != now.dls_size || result->dls_cnt != now.dls_cnt)
		return fail(ld,
			"%s: RTLD_DI_SERINFO: room for %u directories, %zu bytes; expected "
			"%u, %zu",
			d->path, result->dls_cnt, result->dls_size, now.dls_cnt, now.dls_size);
	s.names = (char *)&result->dls_serpath[now.dls_cnt];
	return search_directories(ld, d, add_directory, &s);
}

static int info_of(struct loader *ld, struct dso *d, int request, void *result)
{
	switch (request) {
	case RTLD_DI_LINKMAP: *(struct link_map **)result = d->map; return 0;
	case RTLD_DI_LMID: *(long *)result = d->ns->id; return 0;
	case RTLD_DI_SERINFOSIZE: return measure(ld, d, result);
	case RTLD_DI_SERINFO: return search_path_of(ld, d, result);
	case RTLD_DI_ORIGIN: return origin_of(ld, d, result);
	case RTLD_DI_TLS_MODID: *(size_t *)result = d->tls.module; return 0;
	case RTLD_DI_TLS_DATA: *(void **)result = tls_peek(ld, d); return 0;
	case RTLD_DI_PHDR: *(const Elf_Phdr **)result = d->phdr; return (int)d->phnum;
	}
	return fail(ld, "dlinfo: request %d: not supported", request);
}

int api_dlinfo(void *handle, int request, void *result)
{
	struct loader *ld = &loader;
	struct arena_mark mark = dl_enter(ld);
	struct dso *d = dl_object(ld, handle);
	int r = d ? info_of(ld, d, request, result) : -1;

	dl_leave(ld, mark, r < 0 ? DL_FAILED : DL_OK);
	return r;
}

EXPORT(dlinfo);
