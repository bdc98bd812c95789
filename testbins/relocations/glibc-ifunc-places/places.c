#include <stdio.h>

int places(void);

/* The word behind each place must stay. */
__asm__(".data\n"
	".balign 8\n"
	"places_here: .long choice - .\n"
	".long 0x55667788\n"
	".long strlen - .\n"
	".long 0x11223344\n"
	".text\n");

extern int places_here[4] __attribute__((visibility("hidden")));

int places(void)
{
	const char *at = (const char *)places_here;
	int (*choice)(void) = (int (*)(void))(at + places_here[0]);
	unsigned long (*length)(const char *) =
		(unsigned long (*)(const char *))(at + 8 + places_here[2]);

	printf("%d %x %lu %x\n", choice(), (unsigned)places_here[1], length("hello"),
		(unsigned)places_here[3]);
	return 0;
}
