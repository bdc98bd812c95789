/* facts.c: whether what a plan depends on has changed; see facts.h. */
#include "cache/facts.h"
#include "base/mem.h"
#include "cache/miss.h"
#include "cache/program_file.h"
#include "search/expand.h"
#include "search/hwcaps.h"

bool facts_is_same_file(const struct plan_fact *f, const struct file_info *info)
{
	return f->dev == info->dev && f->ino == info->ino && f->mtime == info->mtime &&
	       f->ctime == info->ctime && (f->kind == FACT_DIRECTORY || f->size == info->size);
}

static bool check_path(struct loader *ld, const struct plan_fact *f, const char *path)
{
	struct file_info info;
	int r;

	if (!path[0])
		return (program_file_info(ld, &info) && facts_is_same_file(f, &info)) ||
		       miss(ld, "%s has changed", ld->program->path);
	r = sys_stat(path, &info);
	if (f->kind == FACT_ABSENT)
		return r == -SYS_ENOENT || r == -SYS_ENOTDIR || miss(ld, "%s exists now", path);
	return (r == 0 && facts_is_same_file(f, &info)) || miss(ld, "%s has changed", path);
}

static bool identify(struct loader *ld, const struct plan_fact *f, const char *path, uint64_t *size,
	unsigned char id[IDENTITY])
{
	struct file_info info;

	if (f->kind == FACT_CONTENTS)
		return identity_of_contents(ld, path, size, id);
	if (path[0])
		return identity_of_elf(path, size, id);
	if (!ld->program->phdr) /* not mapped: --cache list or verify */
		return identity_of_elf(ld->program->path, size, id);
	if (sys_stat(program_file_path(ld), &info) < 0)
		return false;
	*size = info.size;
	return identity_of_object(ld->program, id);
}

/* Like check_path(), for a plan that may come from another host. */
static bool check_contents(struct loader *ld, const struct plan_fact *f, const char *path)
{
	unsigned char id[IDENTITY];
	uint64_t size;
	bool known = identify(ld, f, path, &size, id);

	return (known && size == f->size && !memcmp(id, f->id, sizeof id)) ||
	       miss(ld, "%s has other contents", path[0] ? path : ld->program->path);
}

static bool check_fact(struct loader *ld, const struct plan_fact *f, const char *text)
{
	const char *origin, *platform;
	const struct hwcaps *h;

	switch (f->kind) {
	case FACT_ORIGIN:
		origin = search_origin(ld, ld->program);
		return (origin && !strcmp(origin, text)) ||
		       miss(ld, "the program's directory is not %s", text);
	case FACT_PLATFORM:
		platform = expand_platform(ld);
		return !strcmp(platform ? platform : "", text) ||
		       miss(ld, "AT_PLATFORM is not %s", text);
	case FACT_HWCAPS:
		h = hwcaps_of(ld);
		return (h && h->level == f->size) ||
		       miss(ld, "the processor's x86-64 level has changed%s", "");
	case FACT_BUILD_ID:
	case FACT_CONTENTS: return check_contents(ld, f, text);
	default: return check_path(ld, f, text);
	}
}

bool facts_hold(struct loader *ld, const struct plan *p, enum facts which)
{
	for (uint32_t i = 0; i < p->head->facts.count; i++)
		if ((which == FACTS_ALL || !plan_is_of_library(p, &p->facts[i])) &&
			!check_fact(ld, &p->facts[i], p->strings + p->facts[i].path))
			return false;
	return true;
}
