/* key.c: the state of the process that decides about a start; see key.h. */
#include "cache/key.h"
#include "base/mem.h"
#include "base/path.h"
#include "cache/identity.h"
#include "cache/program_file.h"
#include "search/search.h"
#include "state/libc.h"

size_t key_build(const struct loader *ld, char *key, size_t n)
{
	size_t done = format(key, n, "%s", "");
	unsigned char id[IDENTITY];

	if (identity_of_object(ld->self, id))
		for (size_t i = 0; i < sizeof id; i++)
			done += format(key + done, n - done, "%02x", id[i]);
	return done;
}

/* Writes a named string; an absent one differs from every string.  The final 0 is part of the key,
 * so that one text cannot look like two. */
static size_t key_text(char *key, size_t n, const char *name, const char *text)
{
	return format(key, n, "%s%s%s", name, text ? "=" : "", text ? text : "") + 1;
}

/* Writes the path of the program's file to program (size bytes).  When the loader runs as a
 * command, $ORIGIN is the directory in which the program was found: returns that if it is another one,
 * as "/x/../bin" is, else NULL. */
static const char *find_program(struct loader *ld, char *program, size_t size)
{
	const char *origin;
	size_t n;

	program_file_name(ld, program, size);
	if (!ld->config.command || !strcmp(program, ld->program->path))
		return NULL;
	origin = search_origin(ld, ld->program);
	n = (size_t)(path_base(program) - program);
	return origin && (strlen(origin) + 1 != n || memcmp(origin, program, n - 1)) ? origin
										     : NULL;
}

/* Not in the key: whether the loader runs as PT_INTERP or as a command, and the name that the
 * program was started by except its directory (and except with --inhibit-rpath). */
size_t key_of_start(struct loader *ld, char *key)
{
	const struct config *c = &ld->config;
	char program[4096];
	const char *found_in = find_program(ld, program, sizeof program);
	const struct {
		const char *name, *text;
	} texts[] = {
		{"program", program},
		{"found-in", found_in},
		{"named", c->inhibit_rpath ? ld->program->path : NULL},
		{"libc", ld->abi->name},
		{"platform", c->platform},
		{"library-path", c->library_path},
		{"preload", c->preload},
		{"preload-option", c->preload_option},
		{"secure-preload", c->secure_preload},
		{"hwcaps-prepend", c->hwcaps_prepend},
		{"hwcaps-mask", c->hwcaps_mask},
		{"origin", c->origin_path},
		{"inhibit-rpath", c->inhibit_rpath},
		{"tunables", config_getenv(c, "GLIBC_TUNABLES")},
	};
	size_t n = key_build(ld, key, KEY_LIMIT) + 1;

	n += format(key + n, KEY_LIMIT - n, "%d%d%d%d%d%d %zx", c->bind_now, c->bind_lazy,
		     c->dynamic_weak, c->inhibit_cache, c->secure, c->map_low, c->page) +
	     1;
	for (size_t i = 0; i < COUNT(texts) && n < KEY_LIMIT; i++)
		n += key_text(key + n, KEY_LIMIT - n, texts[i].name, texts[i].text);
	return n;
}

/* Whether the program needs only its libc, and that relocates itself: then there is nothing to
 * record. */
static bool is_alone_with_libc(const struct loader *ld)
{
	const struct dso *d = ld->program;
	bool alone = ld->abi->open_libc && !ld->config.preload && !ld->config.preload_option;

	for (size_t i = 0; alone && i < d->nneeded; i++)
		alone = ld->abi->is_libc(d->needed[i]);
	return alone;
}

/* LD_DYNAMIC_WEAK: a lazy slot may later be bound to a strong definition that is not loaded yet.
 * Secure mode: an untrusted caller would decide what is recorded for other users, and could attack
 * the same addresses repeatedly. */
const char *key_excluded(const struct loader *ld)
{
	const struct config *c = &ld->config;

	if (c->cache == CACHE_OFF)
		return "MYLD_CACHE=off";
	if (c->debug)
		return "LD_DEBUG";
	if (c->audit || c->audit_option || loader_is_running(ld))
		return "auditors";
	if (c->bind_not)
		return "LD_BIND_NOT";
	if (c->dynamic_weak)
		return "LD_DYNAMIC_WEAK";
	if (c->secure)
		return "secure mode";
	if (is_alone_with_libc(ld))
		return "its only library, a libc that relocates itself";
	return NULL;
}
