/* fake_loader.c: see fake_loader.h. */
#include "lib/fake_loader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "memory/kernel.h"
#include "state/words.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { ARENA = 1 << 20, POOL = 1 << 16, TEXT = 1 << 16 };

const struct libc_abi fake_abi = {
	.name = "fake", .words = &words_of_ldso, .paths = {"/lib:/usr/lib", DEBIAN_LIB}};
LIBC_ABI(fake_abi);

static char pool[POOL];

void fake_loader_init(struct loader *ld)
{
	memset(ld, 0, sizeof *ld);
	fake_memory = (struct fake_memory){.left = SIZE_MAX};
	fake_arena_init(&ld->permanent, ARENA);
	fake_arena_init(&ld->scratch, ARENA);
	fake_arena_init(&ld->writable, ARENA);
	heap_init(&ld->heap, &ld->writable);
	fake_arena_init(&ld->fixed, ARENA);
	heap_init(&ld->tables, &ld->fixed);
	vm_init(&ld->vm, &kernel_backend, NULL, pool, sizeof pool, FAKE_PAGE, ARCH_MAX_ADDR,
		FAKE_PAGE);
	ld->diag.arena = &ld->scratch;
	ld->diag.fd = 2;
	ld->config.page = FAKE_PAGE;
	ld->abi = &fake_abi;
}

void fake_loader_free(struct loader *ld)
{
	for (struct vm_area *a = ld->vm.first, *next; a; a = next) {
		next = a->next;
		if (!(a->what.flags & VM_FOREIGN))
			vm_unmap(&ld->vm, a->start, a->end - a->start);
	}
	fake_arena_free(&ld->permanent);
	fake_arena_free(&ld->scratch);
	fake_arena_free(&ld->writable);
	fake_arena_free(&ld->fixed);
}

void fake_assert_message(struct loader *ld, const char *expected)
{
	char *text = malloc(TEXT);

	diag_text(&ld->diag, text, TEXT);
	assert_string_equal(text, expected);
	diag_clear(&ld->diag);
	free(text);
}

void fake_assert_says(struct loader *ld, const char *part)
{
	char *text = malloc(TEXT);

	diag_text(&ld->diag, text, TEXT);
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
	diag_clear(&ld->diag);
	free(text);
}
