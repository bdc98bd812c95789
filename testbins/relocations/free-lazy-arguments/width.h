/* width.h: with WIDTH bytes and SUM, a function that takes eight vectors, and what it returns: each
 * lane of each argument weighted by its place, so that any lost or swapped part changes the sum. */
typedef double vector __attribute__((vector_size(WIDTH)));

int SUM(vector, vector, vector, vector, vector, vector, vector, vector);
