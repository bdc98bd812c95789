// frame.cc: one frame of those that an exception passes, in a library of its own; the last throws.
extern "C" int NEXT(int value);
extern "C" int HERE(int value);

int HERE(int value)
{
#ifdef LAST
	throw value;
#else
	return NEXT(value) + 1;
#endif
}
