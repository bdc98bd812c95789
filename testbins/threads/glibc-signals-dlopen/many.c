/* Functions that a handler binds one by one. */
#define FUNCTION(n)                                                                                \
	int f##n(void);                                                                            \
	int f##n(void)                                                                             \
	{                                                                                          \
		return n;                                                                          \
	}
#define EIGHT(n)                                                                                   \
	FUNCTION(n##0)                                                                             \
	FUNCTION(n##1) FUNCTION(n##2) FUNCTION(n##3) FUNCTION(n##4) FUNCTION(n##5) FUNCTION(n##6)  \
		FUNCTION(n##7)

EIGHT(1) EIGHT(2) EIGHT(3) EIGHT(4) EIGHT(5) EIGHT(6) EIGHT(7) EIGHT(8)
