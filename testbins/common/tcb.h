/* tcb.h: what glibc and the psABI have at the thread pointer, and the guards, on each machine. */
#ifndef TCB_H
#define TCB_H

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>

static inline uintptr_t variable(const char *name)
{
	uintptr_t *at = dlsym(RTLD_DEFAULT, name);

	return at ? *at : 0;
}

/* The word at this offset from the thread pointer. */
static inline uintptr_t thread_word(long offset)
{
	uintptr_t word;

#ifdef __x86_64__
	__asm__("mov %%fs:(%1), %0" : "=r"(word) : "r"(offset));
#else
	word = *(uintptr_t *)((char *)__builtin_thread_pointer() + offset);
#endif
	return word;
}

#ifdef __x86_64__
#define DTV_WORD 8

static inline uintptr_t thread_pointer(void)
{
	return thread_word(0);
}

static inline uintptr_t stack_guard(void)
{
	return thread_word(0x28);
}

static inline uintptr_t pointer_guard(void)
{
	uintptr_t guard = variable("__pointer_chk_guard"); /* from 2.44 on */

	return guard ? guard : thread_word(0x30);
}

/* Whether the TCB points to itself, twice. */
static inline int tcb_is_right(void)
{
	return thread_word(0) == thread_word(16) && thread_word(0) == (uintptr_t)pthread_self();
}
#else
#ifdef __riscv
#define DTV_WORD (-16)
#else
#define DTV_WORD 0
#endif

static inline uintptr_t thread_pointer(void)
{
	return (uintptr_t)__builtin_thread_pointer();
}

static inline uintptr_t stack_guard(void)
{
	return variable("__stack_chk_guard");
}

static inline uintptr_t pointer_guard(void)
{
	return variable("__pointer_chk_guard");
}

/* Whether struct pthread ends at the thread pointer, or near it. */
static inline int tcb_is_right(void)
{
	return thread_pointer() - (uintptr_t)pthread_self() < 4096;
}
#endif

#endif
