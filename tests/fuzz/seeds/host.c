/* Does what its arguments say, one dl* operation each, and says what came of it; sequences.py makes the
 * arguments and judges the lines.  Fields of an operation are separated by commas:
 *
 *	o,SLOT,FLAGS,PATH         dlopen        m,SLOT,FLAGS,PATH    dlmopen(LM_ID_NEWLM)
 *	s,SLOT,NAME               dlsym         v,SLOT,NAME,VERSION  dlvsym
 *	i,SLOT,REQUEST            dlinfo        c,SLOT               dlclose
 *	a                         dladdr of the last address that dlsym found
 *	p                         dl_iterate_phdr
 *	f                         calls the last function that dlsym found
 *	t,OPERATION               the operation in a new thread
 *	b                         from now on another thread looks symbols and objects up
 *
 * A SLOT is a digit, D (RTLD_DEFAULT) or N (RTLD_NEXT).  Numbers are hexadecimal.  What must hold of any
 * file is checked here and told in a line "wrong: ...".
 */
#include "free.h"

#ifndef WITHOUT_LIBC
#include <pthread.h>
#endif

struct phdr_info {
	uintptr_t addr;
	const char *name;
	const void *phdr;
	uint16_t phnum;
	unsigned long long adds, subs;
	size_t module;
	void *tls;
};

struct address_info {
	const char *file;
	void *base;
	const char *symbol;
	void *address;
};

struct link_map {
	uintptr_t addr;
	const char *name;
	void *dynamic;
	struct link_map *next, *prev;
};

struct serinfo {
	size_t size;
	unsigned count;
	struct {
		const char *name;
		unsigned flags;
	} path[];
};

extern void *dlopen(const char *, int) __attribute__((weak));
extern void *dlmopen(long, const char *, int) __attribute__((weak));
extern void *dlsym(void *, const char *) __attribute__((weak));
extern void *dlvsym(void *, const char *, const char *) __attribute__((weak));
extern int dlclose(void *) __attribute__((weak));
extern char *dlerror(void) __attribute__((weak));
extern int dladdr(const void *, struct address_info *) __attribute__((weak));
extern int dlinfo(void *, int, void *) __attribute__((weak));
extern int dl_iterate_phdr(int (*)(struct phdr_info *, size_t, void *), void *)
	__attribute__((weak));

enum { SLOTS = 10, LINKMAP = 2, SERINFO = 4, SERINFOSIZE = 5, DATA = 10, PHDR = 11, NOLOAD = 4 };

static void *slot[SLOTS], *address;
static __thread long own_tls = 42; /* so that there is a static area */
static volatile size_t sum;        /* of what is read, which has to be readable */

/* ---- Texts ---- */

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static void put_line(const char *text, size_t n, char *line, size_t at)
{
	for (size_t i = 0; i < n && at < 4000; i++)
		line[at++] = text[i] == '\n' ? '\t' : text[i];
	line[at++] = '\n';
	syscall3(SYS_write, 1, (long)line, (long)at);
}

/* One write a line, since another thread may write too. */
static void say(const char *what, const char *text)
{
	char line[4100];
	size_t n = length(what);

	for (size_t i = 0; i < n; i++)
		line[i] = what[i];
	put_line(text, length(text), line, n);
}

/* The next field, cut off from *p. */
static char *field(char **p)
{
	char *begin = *p;

	while (**p && **p != ',')
		(*p)++;
	if (**p)
		*(*p)++ = 0;
	return begin;
}

static long number(const char *s)
{
	long v = 0;

	for (; *s; s++)
		v = v * 16 + (*s <= '9' ? *s - '0' : *s - 'a' + 10);
	return v;
}

static void *handle_of(const char *name)
{
	return *name == 'D' ? NULL : *name == 'N' ? (void *)-1 : slot[*name - '0'];
}

/* ---- What every operation has to leave behind ---- */

/* silent: a failure need not have a text. */
static void report(int done, int silent)
{
	const char *text = dlerror();

	if (done && text)
		say("wrong: text after a success: ", text);
	else if (done)
		say("done", "");
	else if (!text && silent)
		say("refused: ", "");
	else if (!text || !*text)
		say("wrong: no text after a failure", "");
	else
		say("refused: ", text);
	if (!done && dlerror())
		say("wrong: the text is there twice", "");
}

static int add_object(struct phdr_info *info, size_t size, void *state)
{
	size_t *s = state;

	(void)size;
	s[0]++;
	s[1] = s[1] * 31 + length(info->name) + info->addr;
	sum += info->phnum ? *(const unsigned *)info->phdr : 0;
	return 0;
}

static void objects(size_t state[2])
{
	state[0] = state[1] = 0;
	dl_iterate_phdr(add_object, state);
}

/* ---- Operations ---- */

static void open_object(char **p, int apart)
{
	const char *to = field(p), *flags = field(p);
	size_t before[2], after[2];
	void *handle;

	objects(before);
	handle = apart ? dlmopen(-1, *p, (int)number(flags)) : dlopen(*p, (int)number(flags));
	objects(after);
	if (!handle && (before[0] != after[0] || before[1] != after[1]))
		say("wrong: a dlopen that failed has changed the list of objects", "");
	report(handle != NULL, number(flags) & NOLOAD);
	if (handle)
		slot[*to - '0'] = handle;
}

static void find_symbol(char **p, int versioned)
{
	const char *from = field(p), *name = field(p);
	void *found = versioned ? dlvsym(handle_of(from), name, *p) : dlsym(handle_of(from), name);
	const char *text = found ? NULL : dlerror();

	if (found)
		report(1, 0);
	else if (text)
		say("refused: ", text);
	else
		say("done: 0", "");
	address = found ? found : address;
}

static void ask_address(void)
{
	struct address_info info;

	if (address && dladdr(address, &info))
		sum += length(info.file) + (info.symbol ? length(info.symbol) : 0);
	report(1, 0);
}

static void read_result(int request, const void *result, int r)
{
	const struct link_map *map = *(struct link_map *const *)result;

	if (request == LINKMAP)
		for (; map; map = map->next)
			sum += length(map->name) +
			       (map->dynamic ? *(const unsigned *)map->dynamic : 0);
	if (request == SERINFO)
		for (unsigned i = 0; i < ((const struct serinfo *)result)->count; i++)
			sum += length(((const struct serinfo *)result)->path[i].name);
	if (request == PHDR && r)
		sum += **(const unsigned *const *)result;
	if (request == DATA && *(char *const *)result)
		sum += **(char *const *)result;
}

static void ask_object(char **p)
{
	static _Alignas(16) char result[1 << 16];
	const char *of = field(p);
	int request = (int)number(*p), r;

	for (size_t i = 0; i < 64; i++)
		result[i] = 0;
	r = dlinfo(handle_of(of), request == SERINFO ? SERINFOSIZE : request, result);
	if (request == SERINFO && r == 0 && ((struct serinfo *)result)->size < sizeof result)
		r = dlinfo(handle_of(of), request, result);
	report(r >= 0, 0);
	if (r >= 0)
		read_result(request, result, r);
}

static void close_object(char **p)
{
	int r;

	if (!slot[**p - '0']) {
		report(1, 0);
		return;
	}
	say("calls", ""); /* destructors */
	r = dlclose(slot[**p - '0']);
	slot[**p - '0'] = NULL;
	say("back", "");
	report(r == 0, 0);
}

static void call(void)
{
	say("calls", "");
	if (address)
		((long (*)(long))address)(1);
	say("back", "");
	own_tls++;
}

static void operate(char *p)
{
	size_t state[2];
	char kind = *field(&p);

	switch (kind) {
	case 'o': open_object(&p, 0); break;
	case 'm': open_object(&p, 1); break;
	case 's': find_symbol(&p, 0); break;
	case 'v': find_symbol(&p, 1); break;
	case 'a': ask_address(); break;
	case 'i': ask_object(&p); break;
	case 'p':
		objects(state);
		report(1, 0);
		break;
	case 'c': close_object(&p); break;
	case 'f': call(); break;
	}
}

/* ---- Death ---- */

/* The kernel's struct sigaction, and where its signal frame has the program counter (x86_64 psABI, ucontext_t). */
struct action {
	void (*handler)(int, void *, void *);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

enum { SYS_rt_sigaction = 13, SA_SIGINFO = 4, SA_RESTORER = 0x4000000, RIP = 168 };

static void put_hex(const char *what, unsigned long v)
{
	char text[20] = {0}, *p = text + sizeof text - 1;

	do
		*--p = "0123456789abcdef"[v % 16];
	while (v /= 16);
	say(what, p);
}

/* Where it died, seen from a function of the loader. */
static void died(int signal, void *info, void *context)
{
	unsigned long pc;

	(void)info;
	__builtin_memcpy(&pc, (const char *)context + RIP, sizeof pc);
	put_hex("died: ", pc - (unsigned long)&myld_check_maps);
	syscall3(SYS_exit_group, 128 + signal, 0, 0);
}

static void no_return(void)
{
}

static void catch_death(void)
{
	static const int signals[] = {4, 5, 7, 8, 11};
	const struct action action = {died, SA_SIGINFO | SA_RESTORER, no_return, 0};

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		register long bytes __asm__("r10") = 8;
		long r;

		__asm__ volatile("syscall"
				 : "=a"(r)
				 : "a"((long)SYS_rt_sigaction), "D"((long)signals[i]), "S"(&action),
				 "d"(0L), "r"(bytes)
				 : "rcx", "r11", "memory");
	}
}

/* ---- Threads ---- */

#ifdef WITHOUT_LIBC

static void operate_apart(char *p)
{
	operate(p);
}

static void begin_looking(void)
{
}

static void end_looking(void)
{
}

#else

static pthread_t looker;
static volatile int looking;

static void *run_operation(void *p)
{
	operate(p);
	return NULL;
}

static void operate_apart(char *p)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_operation, p) == 0)
		pthread_join(thread, NULL);
}

static void *look(void *unused)
{
	size_t state[2];
	struct address_info info;

	(void)unused;
	while (looking) {
		objects(state);
		if (dladdr(&looker, &info))
			sum += length(info.file);
		if (dlsym(NULL, "no_such_symbol"))
			say("wrong: there is a symbol that is nowhere", "");
	}
	return NULL;
}

static void begin_looking(void)
{
	if (!looking && (looking = 1) && pthread_create(&looker, NULL, look, NULL) != 0)
		looking = 0;
}

static void end_looking(void)
{
	if (looking) {
		looking = 0;
		pthread_join(looker, NULL);
	}
}

#endif

int main(int argc, char **argv)
{
	catch_death();
	for (int i = 1; i < argc; i++) {
		say("> ", argv[i]);
		if (argv[i][0] == 't')
			operate_apart(argv[i] + 2);
		else if (argv[i][0] == 'b')
			begin_looking();
		else
			operate(argv[i]);
	}
	end_looking();
	if (WRONG_LOADER_MAPS || myld_check_maps(1, 2))
		say("wrong: the registry differs from /proc/self/maps", "");
	say("end", "");
	return 0;
}
