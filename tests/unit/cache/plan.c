/* plan.c: what is taken for a plan, and what is not: each field that leads outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cache/plan.h"
#include "cache/program_file.h"
#include "lib/fake_loader.h"
#include "lib/fake_sys.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

#define KEY "a key"

enum { LIBRARIES = 2, OBJECTS = LIBRARIES + 2, FACTS = 4, WORDS = 4, BINDINGS = 3 };

/* A plan as a start would leave it: a program, two libraries, the loader. */
struct file {
	struct plan_head head;
	char key[8], strings[16];
	struct plan_fact facts[FACTS];
	struct plan_object objects[OBJECTS];
	uint32_t words[WORDS];
	struct plan_binding bindings[BINDINGS + 1], uniques[2];
};

static struct plan_range range(const struct file *f, const void *at, uint32_t count)
{
	return (struct plan_range){(uint32_t)((const char *)at - (const char *)f), count};
}

static void make_objects(struct file *f)
{
	for (uint32_t i = 0; i < OBJECTS; i++) {
		struct plan_object *o = &f->objects[i];

		o->path = o->name = 1;
		o->flags = i && i <= LIBRARIES ? PLAN_LIBRARY | PLAN_FIXED : 0;
		o->fact = i;
		o->start = 0x10000;
		o->deps = o->left = (struct plan_range){1, 2};
		o->bindings = o->left_bindings = (struct plan_range){0, BINDINGS};
	}
}

static struct plan_head empty_head(void)
{
	const struct plan_part parts[PLAN_SECTIONS] = {{NULL, 0}};
	struct plan_head head = {.kind = PLAN_START};
	struct arena arena;

	fake_arena_init(&arena, sizeof head);
	head = *plan_make(&arena, &head, parts);
	fake_arena_free(&arena);
	return head;
}

static void make(struct file *f)
{
	memset(f, 0, sizeof *f);
	f->head = empty_head();
	memcpy(f->key, KEY, sizeof KEY - 1);
	memcpy(f->strings + 1, "a string", sizeof "a string");
	f->facts[1].kind = f->facts[2].kind = FACT_LIBRARY;
	f->facts[3].path = 2;
	make_objects(f);
	for (uint32_t i = 0; i < WORDS; i++)
		f->words[i] = i;
	f->bindings[1].object = PLAN_UNDEFINED;
	f->bindings[2].object = OBJECTS - 1;
	f->head.key = range(f, f->key, sizeof KEY - 1);
	f->head.strings = range(f, f->strings, sizeof f->strings);
	f->head.facts = range(f, f->facts, FACTS);
	f->head.objects = range(f, f->objects, OBJECTS);
	f->head.words = range(f, f->words, WORDS);
	f->head.bindings = range(f, f->bindings, BINDINGS);
	f->head.uniques = range(f, f->uniques, 2);
	f->head.size = sizeof *f;
}

static bool opens_as(const struct file *f, size_t size, const char *key)
{
	struct store_file mapped = {.data = (const char *)f, .size = size};
	struct plan p;

	return plan_open(&p, PLAN_START, &mapped, key, strlen(key));
}

/* With a sum that fits: of the head without it, and of all that follows. */
static bool opens(struct file *f)
{
	struct plan_head head = f->head;

	head.sum = 0;
	f->head.sum = hash_bytes(&f->head + 1, sizeof *f - sizeof head,
		hash_bytes(&head, sizeof head, 0));
	return opens_as(f, sizeof *f, KEY);
}

static void a_whole_one(void **state)
{
	struct file f;
	struct store_file mapped = {.data = (const char *)&f, .size = sizeof f};
	struct plan p;

	(void)state;
	make(&f);
	assert_true(opens(&f));
	assert_true(plan_open(&p, PLAN_START, &mapped, KEY, sizeof KEY - 1));
	assert_ptr_equal(p.objects, f.objects);
	assert_ptr_equal(p.facts, f.facts);
	assert_ptr_equal(p.words, f.words);
	assert_ptr_equal(p.bindings, f.bindings);
	assert_ptr_equal(p.uniques, f.uniques);
	assert_string_equal(p.strings + f.objects[1].path, "a string");
}

static void of_another_key(void **state)
{
	struct file f;

	(void)state;
	make(&f);
	assert_true(opens(&f));
	assert_false(opens_as(&f, sizeof f, "a kez"));
	assert_false(opens_as(&f, sizeof f, "a ke"));
	assert_false(opens_as(&f, sizeof f, "a key "));
}

/* Each bit counts, and so does each byte of the length. */
static void changed(void **state)
{
	struct file f;

	(void)state;
	make(&f);
	assert_true(opens(&f));
	for (size_t bit = 0; bit < 8 * sizeof f; bit++) {
		((unsigned char *)&f)[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(opens_as(&f, sizeof f, KEY));
		((unsigned char *)&f)[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (size_t size = 0; size < sizeof f; size++)
		assert_false(opens_as(&f, size, KEY));
	assert_true(opens_as(&f, sizeof f, KEY));
}

/* A field of the head that gets another value. */
static void ranges(void **state)
{
	static const size_t fields[] = {offsetof(struct plan_head, key),
		offsetof(struct plan_head, strings), offsetof(struct plan_head, facts),
		offsetof(struct plan_head, objects), offsetof(struct plan_head, words),
		offsetof(struct plan_head, bindings), offsetof(struct plan_head, uniques)};
	static const uint32_t outside[] = {UINT32_MAX, UINT32_MAX - 7, sizeof(struct file) + 8, 4};
	struct file f;

	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		for (size_t k = 0; k < sizeof outside / sizeof *outside; k++) {
			make(&f);
			((struct plan_range *)((char *)&f.head + fields[i]))->at = outside[k];
			assert_false(opens(&f));
		}
		make(&f);
		((struct plan_range *)((char *)&f.head + fields[i]))->count = UINT32_MAX;
		assert_false(opens(&f));
	}
}

#define REFUSED(change)                                                                            \
	do {                                                                                       \
		make(&f);                                                                          \
		change;                                                                            \
		assert_false(opens(&f));                                                           \
	} while (0)

static void strings(void **state)
{
	struct file f;

	(void)state;
	REFUSED(f.strings[15] = 'x');
	REFUSED(f.head.strings.count = 0);
	REFUSED(f.head.pages.name = 16);
	REFUSED(f.facts[3].path = 16);
	REFUSED(f.objects[1].path = 16);
	REFUSED(f.objects[1].name = UINT32_MAX);
}

static void objects(void **state)
{
	struct file f;

	(void)state;
	REFUSED(f.head.objects.count = 0);
	REFUSED(f.objects[0].flags = PLAN_LIBRARY);
	REFUSED(f.objects[1].flags = 0); /* a second loader would be listed twice */
	REFUSED(f.objects[OBJECTS - 1].flags = PLAN_LIBRARY); /* of no file */
	REFUSED(f.objects[1].fact = FACTS);
	REFUSED(f.facts[1].kind = FACT_FILE);
	REFUSED(f.objects[1].needed_by = 1);
	REFUSED(f.objects[2].needed_by = 3);
	REFUSED(f.objects[1].start = 0);
	REFUSED(f.objects[1].deps.count = WORDS);
	REFUSED(f.objects[1].deps.at = WORDS + 1);
	REFUSED(f.objects[1].left.count = UINT32_MAX);
	REFUSED(f.objects[1].bindings.at = 1);
	REFUSED(f.objects[1].left_bindings.at = UINT32_MAX);
	REFUSED(f.words[2] = OBJECTS);
	REFUSED(f.bindings[0].object = OBJECTS);
	REFUSED(f.uniques[1].object = PLAN_UNDEFINED - 1);
	make(&f);
	f.words[0] = f.words[3] = UINT32_MAX; /* nobody's dependency */
	assert_true(opens(&f));
}

static void heads(void **state)
{
	struct file f;

	(void)state;
	REFUSED(f.head.magic[7]++);
	REFUSED(f.head.format++);
	REFUSED(f.head.head_size += 8);
	REFUSED(f.head.size -= 8);
}

/* The program's file is looked at by its path, which may lead to another one by now. */
static void programs(void **state)
{
	struct dso program = {.path = "/bin/prog"};
	struct loader ld = {.program = &program, .config.command = true};
	struct file_info info;

	(void)state;
	fake_reset();
	assert_false(program_file_info(&ld, &info));
	fake_add("/bin/prog", "data", 4, 0100755);
	assert_true(program_file_info(&ld, &info));
	program.dev = info.dev;
	program.ino = info.ino;
	if (info.ino)
		assert_true(program_file_info(&ld, &info));
	program.ino = info.ino + 1;
	assert_false(program_file_info(&ld, &info));
}

static void names(void **state)
{
	char a[STORE_NAME], b[STORE_NAME];

	(void)state;
	plan_name(PLAN_START, KEY, sizeof KEY - 1, a);
	plan_name(PLAN_START, KEY, sizeof KEY - 2, b);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), 16 + sizeof ".plan" - 1);
	assert_string_equal(strchr(a, '.'), ".plan");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_one),
		cmocka_unit_test(of_another_key),
		cmocka_unit_test(changed),
		cmocka_unit_test(ranges),
		cmocka_unit_test(strings),
		cmocka_unit_test(objects),
		cmocka_unit_test(heads),
		cmocka_unit_test(programs),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
