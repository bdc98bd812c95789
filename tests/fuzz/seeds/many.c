/* So many symbols that a dlopen of it is worth remembering (cache/dlopen_cache.c). */
#define ONE(name)                                                                                  \
	int name = 1;                                                                              \
	int *name##_pointer = &name;
#define TEN(name)                                                                                  \
	ONE(name##0)                                                                               \
	ONE(name##1)                                                                               \
	ONE(name##2)                                                                               \
	ONE(name##3)                                                                               \
	ONE(name##4) ONE(name##5) ONE(name##6) ONE(name##7) ONE(name##8) ONE(name##9)

extern int needed_data[4];
int *to_needed = needed_data;

TEN(a)
TEN(b)
TEN(c)
TEN(d)
TEN(e)
TEN(f)
TEN(g)
TEN(h)
TEN(i)
TEN(j)
