/* start.c: from the kernel's stack to main() and back, for programs without a libc.
 *
 * crt1.S enters here with the stack as the kernel left it (argc, argv, NULL, envp, NULL, auxv) and
 * the function that a dynamic linker wants called at exit (NULL when there is none).  As between
 * glibc's ld.so and libc: the dynamic linker runs preinit functions and the constructors of
 * libraries, start code those of the program itself (System V ABI, chapter 5, "Initialization and
 * Termination Functions"); the function for exit runs everybody's destructors, the program's too.
 */
#include <stddef.h>

typedef void function(void);

extern function *const __init_array_start[] __attribute__((visibility("hidden")));
extern function *const __init_array_end[] __attribute__((visibility("hidden")));
extern function *const __fini_array_start[] __attribute__((visibility("hidden")));
extern function *const __fini_array_end[] __attribute__((visibility("hidden")));

int main(int argc, char **argv, char **envp);
_Noreturn void crt_exit(int status) __attribute__((visibility("hidden")));

_Noreturn __attribute__((visibility("hidden"))) void crt_start(char **stack, function *fini)
{
	int argc = (int)(ptrdiff_t)stack[0];
	char **argv = stack + 1;
	function *const *f;
	int status;

	for (f = __init_array_start; f < __init_array_end; f++)
		(*f)();
	status = main(argc, argv, argv + argc + 1);
	if (fini)
		fini();
	else
		for (f = __fini_array_end; f > __fini_array_start;)
			(*--f)();
	crt_exit(status);
}
