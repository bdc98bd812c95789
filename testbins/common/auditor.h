/* auditor.h: what the auditors of fixtures print.
 *
 * Objects are told by the last part of their names, the loader's own as "ld.so" and the program as
 * "program", so that two loaders can be compared.  What libc.so.6 and ld.so bind among themselves is
 * each loader's own business.  Lines are written without stdio: an auditor has a libc of its own.
 */
#ifndef AUDITOR_H
#define AUDITOR_H

#define _GNU_SOURCE
#include <link.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef AUDITOR_NAME
#define AUDITOR_NAME ""
#endif

#ifdef __aarch64__
/* As in <link.h> since 2.35, whatever the headers' version. */
typedef union {
	double d;
	long double q;
} vector_register;

typedef struct {
	uint64_t lr_xreg[9];
	vector_register lr_vreg[8];
	uint64_t lr_sp, lr_lr;
	void *lr_vpcs;
} call_registers;

typedef struct {
	uint64_t lrv_xreg[8];
	vector_register lrv_vreg[8];
	void *lrv_vpcs;
} call_results;

#define PLTENTER enter_call
#define PLTEXIT  exit_call
Elf64_Addr enter_call(Elf64_Sym *, unsigned, uintptr_t *, uintptr_t *, call_registers *, unsigned *,
	const char *, long *) __asm__("la_aarch64_gnu_pltenter");
unsigned exit_call(Elf64_Sym *, unsigned, uintptr_t *, uintptr_t *, const call_registers *,
	call_results *, const char *) __asm__("la_aarch64_gnu_pltexit");
#else
#define PLTENTER la_x86_64_gnu_pltenter
#define PLTEXIT  la_x86_64_gnu_pltexit
typedef La_x86_64_regs call_registers;
typedef La_x86_64_retval call_results;
#endif

static uintptr_t program, loader;

__attribute__((unused, format(printf, 1, 2))) static void say(const char *format, ...)
{
	static char last[512];
	char line[512] = AUDITOR_NAME;
	size_t n = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + n, sizeof line - n - 1, format, args);
	va_end(args);
	/* How many subdirectories a library is looked for in differs. */
	if (!strncmp(format, "search", 6) && !strcmp(last, line))
		return;
	strcpy(last, line);
	strcat(line, "\n");
	if (write(1, line, strlen(line)) < 0)
		_exit(2);
}

__attribute__((unused)) static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The object of a cookie, which is the address of its link map. */
__attribute__((unused)) static const char *object(uintptr_t cookie)
{
	if (cookie == program)
		return "program";
	return cookie == loader ? "ld.so" : base_name(((struct link_map *)cookie)->l_name);
}

/* Of the base namespace ld.so tells the program first, then itself. */
__attribute__((unused)) static const char *opened(struct link_map *map, Lmid_t lmid, uintptr_t cookie)
{
	if (!lmid && !program)
		program = cookie;
	else if (!lmid && !loader)
		loader = cookie;
	return cookie == (uintptr_t)map ? object(cookie) : "a wrong cookie";
}

/* ld.so takes the program's malloc(), and has an object of its own in each namespace. */
__attribute__((unused)) static int is_of_loader(const char *name)
{
	return !strcmp(name, "malloc") || !strcmp(name, "calloc") || !strcmp(name, "realloc") ||
	       !strcmp(name, "free") || !strncmp(name, "ld-linux", 8);
}

/* Whether a binding is of interest. */
__attribute__((unused)) static int matters(uintptr_t from, uintptr_t to, const char *name)
{
	return from != loader && strcmp(object(from), "libc.so.6") && to != from &&
	       !is_of_loader(name);
}

#endif
