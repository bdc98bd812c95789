/* thrown.h: a class whose type information lies in the program. */
struct thrown {
	int value;
	explicit thrown(int v) : value(v)
	{
	}
	virtual ~thrown();
};
