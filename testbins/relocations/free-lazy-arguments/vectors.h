/* vectors.h: calls with vector arguments; a file for each width, as the compiler must be told. */
void call_vectors(void);
