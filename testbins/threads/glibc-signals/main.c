/* Handlers that run where the program was interrupted, elsewhere, and in threads of libc's own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int handled(int signal);

static char other_stack[65536];
static volatile int result, on_other_stack;
static sigjmp_buf back;
static sem_t expired;

static void handler(int signal)
{
	char here;

	on_other_stack = &here >= other_stack && &here < other_stack + sizeof(other_stack);
	result = handled(signal);
}

static void fault(int signal, siginfo_t *info, void *context)
{
	(void)context;
	siglongjmp(back, info->si_addr == (void *)16 ? signal : -1);
}

static void timer_thread(union sigval value)
{
	result = value.sival_int + handled(0);
	sem_post(&expired);
}

static void alternate_stack(void)
{
	stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof(other_stack)};
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};

	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	printf("handler: %d, on the other stack %d\n", result, on_other_stack);
	raise(SIGUSR1);
	printf("again: %d\n", result);
}

static void *thread(void *unused)
{
	pthread_kill(pthread_self(), SIGUSR1);
	printf("in a thread: %d, on the other stack %d\n", result, on_other_stack);
	return unused;
}

static void bad_address(void)
{
	struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
	volatile int i, caught = 0;

	sigaction(SIGSEGV, &action, NULL);
	for (i = 0; i < 3; i++) {
		int signal = sigsetjmp(back, 1);

		if (!signal)
			*(volatile int *)16 = 1;
		caught += signal == SIGSEGV;
	}
	signal(SIGSEGV, SIG_DFL);
	printf("faults caught: %d\n", caught);
}

static void timer(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD,
		.sigev_notify_function = timer_thread,
		.sigev_value.sival_int = 500};
	struct itimerspec soon = {.it_value.tv_nsec = 1000000};
	timer_t id;

	sem_init(&expired, 0, 0);
	printf("timer_create: %d\n", timer_create(CLOCK_MONOTONIC, &event, &id));
	timer_settime(id, 0, &soon, NULL);
	while (sem_wait(&expired))
		;
	printf("timer: %d\n", result);
	timer_delete(id);
}

static void crash(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		abort();
	waitpid(pid, &status, 0);
	printf("abort: %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : -1);
}

int main(void)
{
	pthread_t id;

	alternate_stack();
	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, NULL);
	bad_address();
	timer();
	crash();
	return 0;
}
