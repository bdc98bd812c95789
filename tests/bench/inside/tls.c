/* tls.c: the address of a variable of this library's, by the access that it is compiled for. */
__thread int bench_variable;

void *FUNCTION(void);

void *FUNCTION(void)
{
	return &bench_variable;
}
