/* rbtree.h: an intrusive red-black tree that can be augmented.
 *
 * The node is embedded in the caller's struct; the caller, which knows the order, finds the place
 * of a new node, and the tree keeps the balance.  When root.update is set, it recomputes what a
 * node stores about its subtree from the node and its two children; the tree calls it, bottom up,
 * wherever the shape has changed, and the caller calls rb_propagate() when a node's own value has
 * changed.  Directions are 0 (left, lower) and 1 (right, higher), so that the same code handles
 * both.
 */
#ifndef VM_RBTREE_H
#define VM_RBTREE_H

#include <stdbool.h>
#include <stdint.h>

struct rb_node {
	uintptr_t up; /* the parent's address, with the colour in bit 0: 1 is red */
	struct rb_node *child[2];
};

struct rb_root {
	struct rb_node *node;
	void (*update)(struct rb_node *node); /* NULL: a plain tree */
};

static inline struct rb_node *rb_parent(const struct rb_node *node)
{
	return (struct rb_node *)(node->up & ~(uintptr_t)1);
}

static inline bool rb_is_red(const struct rb_node *node)
{
	return node && (node->up & 1);
}

/* Inserts node as parent's child on the side dir, which must be free (parent NULL: as the root of
 * an empty tree). */
void rb_insert(struct rb_root *root, struct rb_node *node, struct rb_node *parent, int dir);

/* Removes node from the tree.  The node itself is not written to. */
void rb_erase(struct rb_root *root, struct rb_node *node);

/* Recomputes node and its ancestors after a change of the node's own value. */
void rb_propagate(struct rb_root *root, struct rb_node *node);

/* The first (dir 0) or the last (dir 1) node in order, NULL in an empty tree. */
struct rb_node *rb_end(const struct rb_root *root, int dir);

/* The next (dir 1) or the previous (dir 0) node in order, or NULL. */
struct rb_node *rb_step(const struct rb_node *node, int dir);

/* NULL if parents, colours and black heights are right, else a description of the error. */
const char *rb_check(const struct rb_root *root);

#endif
