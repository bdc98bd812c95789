// throw.cc: throws n exceptions through the frames' libraries.
extern "C" int frame0(int value);
extern "C" void throw_through(long n);

void throw_through(long n)
{
	while (n--)
		try {
			frame0(1);
		} catch (int) {
		}
}
