/* hand_over.h: gives the process to another loader, which can run a program that this one cannot. */
#ifndef HAND_OVER_H
#define HAND_OVER_H

#include "search/search.h"

/* What forbids it, for a message; NULL: nothing does. */
const char *hand_over_forbidden(const struct loader *ld);

/* The environment with a variable set, in the scratch arena; NULL: no memory (reported). */
char **hand_over_setenv(struct loader *ld, char **envp, const char *name, const char *value);

/* Replaces the process by the file at path.  -1: reported. */
int hand_over_to(struct loader *ld, const char *path, char **argv, char **envp);

/* Lets the kernel run the program in an open file if that is of another machine or another class of this
 * one (x32), so that the kernel has another interpreter for it.  -1: it is not, which is not reported, or that failed. */
int hand_over_foreign(struct loader *ld, const struct found *program);

#endif
