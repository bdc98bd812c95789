/* A program without a libc: PLT, COPY (built without PIC), its own TLS. */
extern int seed_function(int);
extern int seed_data[4];
__thread int program_tls = 3;

void _start(void)
{
	for (;;)
		program_tls += seed_function(seed_data[0]);
}
