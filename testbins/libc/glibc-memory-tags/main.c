#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define N 64

static sigjmp_buf back;
static char *(*of_tls)(void);

static unsigned tag(const void *p)
{
	return (uintptr_t)p >> 56 & 15;
}

static void wrong(int number)
{
	siglongjmp(back, number);
}

static void *thread(void *unused)
{
	printf("thread: %d\n", of_tls()[99]);
	return unused;
}

int main(void)
{
	char *p[N], *volatile freed;
	int tagged = 0;
	pthread_t id;

	setvbuf(stdout, NULL, _IONBF, 0);
	printf("mode %#x\n", prctl(56 /* PR_GET_TAGGED_ADDR_CTRL */, 0, 0, 0, 0));
	for (int i = 0; i < N; i++) {
		p[i] = malloc(40);
		p[i][39] = 1;
		tagged += tag(p[i]) != 0;
	}
	printf("tags: %d\n", tagged == N);
	of_tls = (char *(*)(void))dlsym(dlopen("libtls.so", RTLD_NOW), "of_tls");
	printf("TLS: %d\n", of_tls()[99]);
	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, NULL);
	freed = p[0];
	free(p[0]);
	signal(SIGSEGV, wrong);
	if (sigsetjmp(back, 1))
		puts("use after free: noticed");
	else
		printf("use after free: %d\n", freed[39] == 2);
	return 0;
}
