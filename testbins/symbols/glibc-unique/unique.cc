// The static member of a template is one object in the process, whoever instantiates it.
template <typename T> struct counter {
	static int value;
};
template <typename T> int counter<T>::value = 100;

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)

extern "C" int JOIN(NAME, _count)()
{
	return ++counter<long>::value;
}
