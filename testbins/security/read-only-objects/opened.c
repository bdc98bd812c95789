extern void attempt(const char *when);

__attribute__((constructor)) static void construct(void)
{
	attempt("in a constructor of a library that is opened");
}

__attribute__((destructor)) static void destruct(void)
{
	attempt("in its destructor");
}

int opened(void)
{
	return 1;
}
