/* The program has its own __libc_start_main, so that nothing of libc is needed. */
#include "free.h"

void __libc_start_main(void);
int main(void);

void __libc_start_main(void)
{
	put("started\n");
	syscall3(SYS_exit_group, main(), 0, 0);
}

int main(void)
{
	return 0;
}
