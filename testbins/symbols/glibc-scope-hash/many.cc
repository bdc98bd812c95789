// 256 functions in every library, all of the same names, and a table of pointers to them: each entry
// is looked up, and the first library's functions are meant by all.
template <typename T> struct counter {
	static int value;
};
template <typename T> int counter<T>::value = 100;

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)
#define TEXT2(a)    #a
#define TEXT(a)     TEXT2(a)

#define FOUR(x, n)  x(n##0) x(n##1) x(n##2) x(n##3)
#define MORE(x, n)  FOUR(x, n##0) FOUR(x, n##1) FOUR(x, n##2) FOUR(x, n##3)
#define MANY(x, n)  MORE(x, n##0) MORE(x, n##1) MORE(x, n##2) MORE(x, n##3)
#define ALL(x)      MANY(x, f0) MANY(x, f1) MANY(x, f2) MANY(x, f3)

#define FUNCTION(n) const char *n() { return TEXT(NAME) " " #n; }
#define OWN(n)      const char *JOIN(NAME, n)() { return TEXT(NAME) "'s own " #n; }
#define POINTER(n)  n, JOIN(NAME, n),

extern "C" {
ALL(FUNCTION)
ALL(OWN)
__attribute__((weak)) const char *weak_one() { return "weak in " TEXT(NAME); }
__attribute__((visibility("protected"))) const char *protected_one() { return "protected in " TEXT(NAME); }
#ifdef DEFINE
const char *sometimes() { return "defined in " TEXT(NAME); }
#else
__attribute__((weak)) const char *sometimes();
#endif
__attribute__((weak)) const char *never();

typedef const char *function();
function *JOIN(NAME, _table)[] = {ALL(POINTER) weak_one, protected_one, sometimes, never, nullptr};

int JOIN(NAME, _count)()
{
	return ++counter<char>::value + ++counter<short>::value + ++counter<int>::value +
	       ++counter<long>::value + ++counter<float>::value + ++counter<double>::value +
	       ++counter<char *>::value + ++counter<short *>::value + ++counter<int *>::value +
	       ++counter<long *>::value + ++counter<float *>::value + ++counter<double *>::value;
}
}
