#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

const char *which(void);

int main(void)
{
	printf("libwhich: %s\n", which());
	printf("secure: %s\n", getenv("PATH") && !secure_getenv("PATH") ? "yes" : "no");
	printf("LD_PRELOAD, LD_BIND_NOW, GLIBC_TUNABLES: %s, %s, %s\n", getenv("LD_PRELOAD") ? "there" : "gone",
		getenv("LD_BIND_NOW") ? "there" : "gone", getenv("GLIBC_TUNABLES") ? "there" : "gone");
	return 0;
}
