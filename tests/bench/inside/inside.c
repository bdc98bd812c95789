/* inside.c: what a loader's functions cost in a running program, in ns.
 *
 * Prints a line "NAME NS" an operation: the median of some batches, each of them long enough for
 * the clock. Operations whose symbols are missing (C++ under musl, say) are left out. It is linked
 * in two ways: with few libraries, and with those of synth.py, whose symbols `names` then lists
 * (names.c is generated); ../inside.py builds, runs and compares. Binding a lazy slot can be
 * measured but once a process.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCHES = 11, BATCH_NS = 1000000 };

extern const char *const names[];
extern const size_t count; /* of names */
extern const size_t calls; /* that call_all() makes through lazy slots */

static void **addresses;
static void *plugin; /* a library that stays open */
static volatile uintptr_t sink;

/* The way through names and addresses: each once, far from the last. */
static size_t step(size_t i)
{
	return (i * 7919) % count;
}

static void die(const char *what)
{
	const char *why = dlerror();

	fprintf(stderr, "inside: %s: %s\n", what, why ? why : "not as expected");
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double time_of(void (*operate)(long n), long n)
{
	double start = now();

	operate(n);
	return now() - start;
}

static void measure(const char *name, void (*operate)(long n))
{
	double ns[BATCHES];
	long n = 1;

	while (time_of(operate, n) < BATCH_NS)
		n *= 2;
	for (int i = 0; i < BATCHES; i++)
		ns[i] = time_of(operate, n) / n;
	qsort(ns, BATCHES, sizeof *ns, by_size);
	printf("%s %.2f\n", name, ns[BATCHES / 2]);
}

/* ---- In any program ---- */

static void open_close(const char *name, long n)
{
	while (n--) {
		void *handle = dlopen(name, RTLD_LAZY);

		if (!handle || dlclose(handle))
			die(name);
	}
}

static void open_small(long n)
{
	open_close("libplugin.so", n);
}

static void open_again(long n)
{
	open_close("libstays.so", n);
}

static void symbol_of_handle(long n)
{
	while (n--)
		if (!dlsym(plugin, "plugin_answer"))
			die("dlsym");
}

/* ---- TLS: functions that return the address of a variable of their library's ---- */

static void *(*tls_address)(void);

static void access_tls(long n)
{
	void *(*address)(void) = tls_address;

	while (n--)
		sink += (uintptr_t)address();
}

static void measure_tls(const char *name, const char *library, const char *symbol)
{
	void *handle = library ? dlopen(library, RTLD_NOW) : RTLD_DEFAULT;
	void *found = dlsym(handle, symbol);

	if (!found)
		return;
	memcpy(&tls_address, &found, sizeof found);
	*(int *)tls_address() = 1;
	measure(name, access_tls);
}

static void measure_any(void)
{
	plugin = dlopen("libstays.so", RTLD_NOW);
	if (!plugin)
		die("libstays.so");
	measure("dlopen+dlclose", open_small);
	measure("dlopen+dlclose, is open", open_again);
	measure("dlsym, handle", symbol_of_handle);
	measure_tls("TLS start __tls_get_addr", NULL, "tls_plain_start");
	measure_tls("TLS start TLSDESC", NULL, "tls_desc_start");
	measure_tls("TLS opened __tls_get_addr", "libtlsplain.so", "tls_plain");
	measure_tls("TLS opened TLSDESC", "libtlsdesc.so", "tls_desc");
}

/* ---- In a program of many libraries ---- */

static void symbol_hit(long n)
{
	for (size_t i = 0; n--; i++)
		if (!dlsym(RTLD_DEFAULT, names[step(i)]))
			die("dlsym");
}

/* The name of a symbol that there is, but for its first letter. */
static void symbol_miss(long n)
{
	static char missing[256];

	for (size_t i = 0; n--; i++) {
		strcpy(missing, names[step(i)]);
		missing[0] = 'X';
		if (dlsym(RTLD_DEFAULT, missing))
			die("dlsym of a symbol that is not there");
	}
	dlerror();
}

static void address_of_symbol(long n)
{
	Dl_info info;

	for (size_t i = 0; n--; i++)
		if (!dladdr(addresses[step(i)], &info) || !info.dli_sname)
			die("dladdr");
}

static int each_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	*(uintptr_t *)arg += info->dlpi_addr;
	return 0;
}

static void iterate(long n)
{
	uintptr_t sum = 0;

	while (n--)
		dl_iterate_phdr(each_object, &sum);
	sink += sum;
}

static int (*find_object)(void *, void *);
static uint64_t found_object[32]; /* room for what it tells, in any version */

static void find_spread(long n)
{
	for (size_t i = 0; n--; i++)
		if (find_object(addresses[step(i)], found_object))
			die("_dl_find_object");
}

static void find_same(long n)
{
	while (n--)
		if (find_object(addresses[0], found_object))
			die("_dl_find_object");
}

static void (*throw_through)(long n);

static void throw_exception(long n)
{
	throw_through(n);
}

/* A library opened here has all the others before it in its scope. */
static void open_among_many(long n)
{
	open_close("libplugin.so", n);
}

static void measure_first_calls(void)
{
	void (*call)(void);
	void *found = dlsym(RTLD_DEFAULT, "call_all");
	double start;

	if (!found)
		die("call_all");
	memcpy(&call, &found, sizeof found);
	start = now();
	call();
	printf("first call, lazy slot %.2f\n", (now() - start) / (double)calls);
	start = now();
	call();
	printf("a call after that %.2f\n", (now() - start) / (double)calls);
}

/* Not where it is there but knows no object: in a world that has no use for it. */
static void measure_find(void)
{
	void *found = dlsym(RTLD_DEFAULT, "_dl_find_object");

	memcpy(&find_object, &found, sizeof found);
	if (!found || find_object(addresses[0], found_object))
		return;
	measure("_dl_find_object", find_spread);
	measure("_dl_find_object, same", find_same);
}

static void measure_throw(void)
{
	void *found = dlsym(RTLD_DEFAULT, "throw_through");

	memcpy(&throw_through, &found, sizeof found);
	if (found)
		measure("C++ throw, 20 frames", throw_exception);
}

static void measure_many(void)
{
	measure_first_calls();
	addresses = calloc(count, sizeof *addresses);
	for (size_t i = 0; i < count; i++)
		addresses[i] = dlsym(RTLD_DEFAULT, names[i]);
	measure("dlsym hit", symbol_hit);
	measure("dlsym miss", symbol_miss);
	measure("dladdr", address_of_symbol);
	measure("dl_iterate_phdr", iterate);
	measure("dlopen+dlclose among many", open_among_many);
	measure_find();
	measure_throw();
}

int main(void)
{
	if (count)
		measure_many();
	else
		measure_any();
	return 0;
}
