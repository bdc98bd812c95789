#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#define EIGHT(n) F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7)
#define ALL      EIGHT(1) EIGHT(2) EIGHT(3) EIGHT(4) EIGHT(5) EIGHT(6) EIGHT(7) EIGHT(8)

#define F(n) int f##n(void);
ALL
#undef F

/* Each call goes through a PLT slot of its own. */
#define F(n)                                                                                       \
	case __COUNTER__: return f##n() == n;
	static int
	call(int i)
{
	switch (i) {
		ALL
	}
	return 0;
}

enum { FUNCTIONS = 64, ENOUGH = 4000 };

static volatile int called, signals, bad;
static __thread int own;
static int (*held)(void);

static int count(struct dl_phdr_info *info, size_t size, void *n)
{
	(void)info, (void)size;
	++*(int *)n;
	return 0;
}

static void handler(int signal)
{
	Dl_info info;
	int n = 0;

	(void)signal;
	signals++;
	own++;
	if (held() != 3)
		bad++;
	if (signals % 16 == 0 && called < FUNCTIONS)
		bad += !call(called++);
	dl_iterate_phdr(count, &n);
	if (n < 4 || !dladdr((void *)held, &info) || strcmp(info.dli_sname, "of_opened"))
		bad++;
	if (!dlsym(RTLD_DEFAULT, "strlen"))
		bad++;
}

int main(void)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
	struct itimerval often = {.it_interval.tv_usec = 20, .it_value.tv_usec = 20}, never = {0};
	void *dep = dlopen("./libdep.so", RTLD_NOW);

	held = dep ? (int (*)(void))dlsym(dep, "of_opened") : NULL;
	if (!held)
		return 1;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (signals < ENOUGH) {
		void *h = dlopen("./libopened.so", RTLD_NOW | RTLD_GLOBAL);

		if (!h || dlclose(h))
			bad++;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	printf("%d functions, %d signals, %d bad\n", called, signals, bad);
	return 0;
}
