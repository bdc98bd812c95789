/* rbtree.c: the red-black tree's rules, as properties of random insertions and removals.
 *
 * After each change the whole tree is looked at: order, parents, colours, black heights, and an
 * augmentation that is easy to recompute (the number of nodes and the sum of the keys below).  The
 * depth has to stay under the bound that the rules promise, for sorted input above all.
 */
#include "vm/rbtree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 600 };

struct item {
	struct rb_node rb;
	bool in;
	unsigned long key, count, sum;
};

static struct item *item_of(const struct rb_node *node)
{
	return (struct item *)((char *)node - offsetof(struct item, rb));
}

static void update(struct rb_node *node)
{
	struct item *item = item_of(node);

	item->count = 1;
	item->sum = item->key;
	for (int dir = 0; dir < 2; dir++) {
		if (node->child[dir]) {
			item->count += item_of(node->child[dir])->count;
			item->sum += item_of(node->child[dir])->sum;
		}
	}
}

static void insert(struct rb_root *root, struct item *item)
{
	struct rb_node *parent = NULL, *node = root->node;
	int dir = 0;

	while (node) {
		parent = node;
		dir = item->key > item_of(node)->key;
		node = node->child[dir];
	}
	rb_insert(root, &item->rb, parent, dir);
	item->in = true;
}

static void erase(struct rb_root *root, struct item *item)
{
	rb_erase(root, &item->rb);
	memset(&item->rb, 0xaa, sizeof item->rb); /* whoever still comes by here, falls */
	item->in = false;
}

static int depth_of(const struct rb_node *node)
{
	int depth = 0;

	for (; node; node = rb_parent(node))
		depth++;
	return depth;
}

static void check_order(const struct rb_root *root, const struct item *items, int dir)
{
	const struct rb_node *node = rb_end(root, !dir);

	for (int i = 0; i < KEYS; i++) {
		const struct item *item = &items[dir ? i : KEYS - 1 - i];
		if (!item->in)
			continue;
		assert_ptr_equal(node, &item->rb);
		node = rb_step(node, dir);
	}
	assert_null(node);
}

static void check(const struct rb_root *root, const struct item *items)
{
	const char *wrong = rb_check(root);
	unsigned long count = 0, sum = 0, bound = 1;
	int deepest = 0;

	if (wrong)
		fail_msg("rb_check: %s", wrong);
	check_order(root, items, 1);
	check_order(root, items, 0);
	for (int i = 0; i < KEYS; i++) {
		struct item now = items[i];
		if (!now.in)
			continue;
		count++;
		sum += now.key;
		if (depth_of(&items[i].rb) > deepest)
			deepest = depth_of(&items[i].rb);
		if (!root->update)
			continue;
		update(&now.rb);
		assert_int_equal(now.count, items[i].count);
		assert_int_equal(now.sum, items[i].sum);
	}
	if (count && root->update) {
		assert_int_equal(item_of(root->node)->count, count);
		assert_int_equal(item_of(root->node)->sum, sum);
	}
	for (; (1ul << bound) <= count; bound++)
		;
	assert_true(deepest <= 2 * (int)bound); /* 2 log2(n + 1) */
}

static void fill(struct item *items)
{
	memset(items, 0, KEYS * sizeof *items);
	for (int i = 0; i < KEYS; i++)
		items[i].key = 3 * i + 1;
}

static void random_changes(void **state)
{
	static struct item items[KEYS];

	(void)state;
	for (unsigned seed = 0; seed < 12; seed++) {
		/* From a few nodes to nearly all of them, so that every shape of removal occurs. */
		struct rb_root root = {.update = seed % 4 ? update : NULL};
		int want = 3 + (int)(seed * 50);

		fill(items);
		srand(seed);
		for (int i = 0, in = 0; i < 3000; i++) {
			struct item *item = &items[rand() % KEYS];
			if (item->in != (in > want || rand() % 4 == 0))
				continue;
			in += item->in ? -1 : 1;
			item->in ? erase(&root, item) : insert(&root, item);
			check(&root, items);
		}
	}
}

static void sorted_input(void **state)
{
	static struct item items[KEYS];
	struct rb_root root = {.update = update};

	(void)state;
	for (int way = 0; way < 4; way++) {
		fill(items);
		for (int i = 0; i < KEYS; i++) {
			insert(&root, &items[way & 1 ? KEYS - 1 - i : i]);
			check(&root, items);
		}
		for (int i = 0; i < KEYS; i++) {
			erase(&root, &items[way & 2 ? KEYS - 1 - i : i]);
			check(&root, items);
		}
		assert_null(root.node);
	}
}

static void new_value(void **state)
{
	static struct item items[KEYS];
	struct rb_root root = {.update = update};

	(void)state;
	fill(items);
	for (int i = 0; i < KEYS; i++)
		insert(&root, &items[i]);
	for (int i = 0; i < KEYS; i++) {
		items[i].key++; /* the order stays: keys are 3 apart */
		rb_propagate(&root, &items[i].rb);
		check(&root, items);
	}
}

/* The check itself sees what it is for. */
static void check_sees(void **state)
{
	static struct item items[KEYS];
	struct rb_root root = {.update = update};
	struct rb_node *leaf;

	(void)state;
	fill(items);
	for (int i = 0; i < 7; i++)
		insert(&root, &items[i]);
	assert_null(rb_check(&root));
	root.node->up |= 1;
	assert_non_null(rb_check(&root));
	root.node->up &= ~(uintptr_t)1;
	leaf = rb_end(&root, 0);
	leaf->up ^= 1; /* colour */
	assert_non_null(rb_check(&root));
	leaf->up ^= 1;
	assert_null(rb_check(&root));
	rb_end(&root, 1)->up = (uintptr_t)leaf | (rb_end(&root, 1)->up & 1);
	assert_non_null(rb_check(&root));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_changes),
		cmocka_unit_test(sorted_input),
		cmocka_unit_test(new_value),
		cmocka_unit_test(check_sees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
