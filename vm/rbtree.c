/* rbtree.c: the balance of an intrusive, augmented red-black tree.
 *
 * The rules: the root is black, a red node has no red child, and every path from the root to a
 * missing child has the same number of black nodes; so no path is more than twice as long as
 * another.  After Cormen et al., Introduction to Algorithms, chapter 13, with the mirrored cases
 * written once (dir and !dir), and chapter 14 for the augmentation: a rotation recomputes the two
 * nodes that it moves; the value of the subtree as a whole does not change.
 */
#include "vm/rbtree.h"

#include <stddef.h>

static void set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->up = (uintptr_t)parent | (node->up & 1);
}

static void set_red(struct rb_node *node, bool red)
{
	node->up = (node->up & ~(uintptr_t)1) | red;
}

static void update(const struct rb_root *root, struct rb_node *node)
{
	if (root->update)
		root->update(node);
}

void rb_propagate(struct rb_root *root, struct rb_node *node)
{
	if (!root->update)
		return;
	for (; node; node = rb_parent(node))
		root->update(node);
}

/* Makes node (may be NULL) the child of old's parent, or the root, in place of old. */
static void replace_child(struct rb_root *root, struct rb_node *old, struct rb_node *node)
{
	struct rb_node *parent = rb_parent(old);

	if (!parent)
		root->node = node;
	else
		parent->child[parent->child[1] == old] = node;
	if (node)
		set_parent(node, parent);
}

/* Rotates node down to the side dir; its child on the other side takes its place.  With dir 0:
 *
 *        node                    top
 *       /    \                  /   \
 *      a     top      ->     node    c
 *           /   \           /    \
 *          b     c         a      b
 */
static void rotate(struct rb_root *root, struct rb_node *node, int dir)
{
	struct rb_node *top = node->child[!dir];
	struct rb_node *between = top->child[dir];

	replace_child(root, node, top);
	node->child[!dir] = between;
	if (between)
		set_parent(between, node);
	top->child[dir] = node;
	set_parent(node, top);
	update(root, node);
	update(root, top);
}

void rb_insert(struct rb_root *root, struct rb_node *node, struct rb_node *parent, int dir)
{
	node->child[0] = node->child[1] = NULL;
	node->up = (uintptr_t)parent | 1;
	if (parent)
		parent->child[dir] = node;
	else
		root->node = node;
	rb_propagate(root, node);

	while (rb_is_red(parent = rb_parent(node))) {
		/* The parent is red, so it is not the root and there is a grandparent. */
		struct rb_node *grand = rb_parent(parent);
		struct rb_node *uncle;

		dir = grand->child[1] == parent;
		uncle = grand->child[!dir];
		if (rb_is_red(uncle)) {
			set_red(parent, false);
			set_red(uncle, false);
			set_red(grand, true);
			node = grand;
			continue;
		}
		if (parent->child[!dir] == node) {
			rotate(root, parent, dir);
			parent = node;
		}
		set_red(parent, false);
		set_red(grand, true);
		rotate(root, grand, !dir);
		break;
	}
	set_red(root->node, false);
}

/* Restores the black heights: the paths through parent's child `node` (NULL: a missing one) lack
 * one black node. */
static void fill_black(struct rb_root *root, struct rb_node *node, struct rb_node *parent)
{
	while (parent && !rb_is_red(node)) {
		/* The sibling's side has at least one more black node, so the sibling exists, and
		 * the comparison is unambiguous even when node is NULL. */
		int dir = parent->child[1] == node;
		struct rb_node *sibling = parent->child[!dir];

		if (rb_is_red(sibling)) {
			set_red(sibling, false);
			set_red(parent, true);
			rotate(root, parent, dir);
			sibling = parent->child[!dir];
		}
		if (!rb_is_red(sibling->child[0]) && !rb_is_red(sibling->child[1])) {
			set_red(sibling, true);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (!rb_is_red(sibling->child[!dir])) {
			set_red(sibling->child[dir], false);
			set_red(sibling, true);
			rotate(root, sibling, !dir);
			sibling = parent->child[!dir];
		}
		set_red(sibling, rb_is_red(parent));
		set_red(parent, false);
		set_red(sibling->child[!dir], false);
		rotate(root, parent, dir);
		return;
	}
	if (node)
		set_red(node, false);
}

void rb_erase(struct rb_root *root, struct rb_node *node)
{
	struct rb_node *heir = node; /* the node whose place disappears from the tree */
	struct rb_node *orphan, *parent;
	bool was_red;

	/* With two children, the next node in order (it has no lower child) is removed from its
	 * place and then replaces the erased one. */
	if (node->child[0] && node->child[1])
		heir = rb_step(node, 1);
	orphan = heir->child[heir->child[0] == NULL];
	parent = rb_parent(heir);
	was_red = rb_is_red(heir);
	replace_child(root, heir, orphan);
	if (heir != node) {
		if (parent == node)
			parent = heir;
		replace_child(root, node, heir);
		heir->up = node->up;
		for (int dir = 0; dir < 2; dir++) {
			heir->child[dir] = node->child[dir];
			if (heir->child[dir])
				set_parent(heir->child[dir], heir);
		}
	}
	rb_propagate(root, parent);
	if (!was_red)
		fill_black(root, orphan, parent);
}

struct rb_node *rb_end(const struct rb_root *root, int dir)
{
	struct rb_node *node = root->node;

	while (node && node->child[dir])
		node = node->child[dir];
	return node;
}

struct rb_node *rb_step(const struct rb_node *node, int dir)
{
	struct rb_node *parent;

	if (node->child[dir]) {
		struct rb_node *next = node->child[dir];
		while (next->child[!dir])
			next = next->child[!dir];
		return next;
	}
	while ((parent = rb_parent(node)) && parent->child[dir] == node)
		node = parent;
	return parent;
}

/* The number of black nodes from node up to the root. */
static int black_depth(const struct rb_node *node)
{
	int depth = 0;

	for (; node; node = rb_parent(node))
		depth += !rb_is_red(node);
	return depth;
}

const char *rb_check(const struct rb_root *root)
{
	int depth = -1;

	if (!root->node)
		return NULL;
	if (rb_parent(root->node) || rb_is_red(root->node))
		return "the root has a parent or is red";
	for (const struct rb_node *node = rb_end(root, 0); node; node = rb_step(node, 1)) {
		for (int dir = 0; dir < 2; dir++) {
			const struct rb_node *child = node->child[dir];
			if (child && rb_parent(child) != node)
				return "a child has another parent";
			if (rb_is_red(node) && rb_is_red(child))
				return "a red node has a red child";
		}
		if (node->child[0] && node->child[1])
			continue;
		if (depth < 0)
			depth = black_depth(node);
		if (depth != black_depth(node))
			return "the black heights differ";
	}
	return NULL;
}
