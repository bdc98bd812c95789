/* functions.h: the names of 100 functions, for whatever ONE makes of each. */
#define TEN(t) ONE(t##0) ONE(t##1) ONE(t##2) ONE(t##3) ONE(t##4) \
	ONE(t##5) ONE(t##6) ONE(t##7) ONE(t##8) ONE(t##9)
#define HUNDRED TEN(f0) TEN(f1) TEN(f2) TEN(f3) TEN(f4) TEN(f5) TEN(f6) TEN(f7) TEN(f8) TEN(f9)
