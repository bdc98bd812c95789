/* diag.h: error messages, and the trace of LD_DEBUG.
 *
 * A function that fails calls fail() (loader.h), or one of words.h, which keep the message and
 * return -1, so that all missing libraries and symbols are reported together.  Only loader_die() prints the messages
 * of a start and exits; only dl/call.c turns those of a dl* call into dlerror's text.
 */
#ifndef DIAG_H
#define DIAG_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* What a message is about, which decides how a start begins its line (words.h). */
enum about {
	ABOUT_OTHER,
	ABOUT_ABSENCE, /* a file that isn't found, or can't be opened */
	ABOUT_FILE,    /* a file that can't be loaded */
	ABOUT_SYMBOL,  /* a symbol that no object defines */
	ABOUT_VERSION, /* a version that an object does not define */
	ABOUT_ACCESS,  /* an access to a symbol that its object forbids */
	ABOUT_MACHINE, /* a processor that lacks what an object needs */
	ABOUTS,
};

#define ABOUT_ROOM                                                                                 \
	44 /* bytes of the text that a start puts before a message; none: not even the name */

struct diag_line {
	struct diag_line *next;
	enum about about;
	char text[]; /* what dlerror tells; after a newline: what only a start tells */
};

struct diag {
	struct arena *arena; /* holds the lines */
	struct diag_line *first, *last;
	unsigned count;   /* messages so far, kept or not */
	unsigned dropped; /* messages that were counted but not kept */
	char spare[160];  /* the first message that the arena had no room for, truncated */
	int fd;           /* of the debug output: 2, or LD_DEBUG_OUTPUT's file */
	unsigned debug;   /* enum debug bits */
	long pid;
};

enum debug {
	DEBUG_LIBS = 1,         /* where libraries are looked for */
	DEBUG_FILES = 2,        /* mapped files, and their dynamic sections */
	DEBUG_RELOC = 4,        /* relocation processing */
	DEBUG_SYMBOLS = 8,      /* each object that a symbol is looked up in */
	DEBUG_BINDINGS = 16,    /* each symbol's definition */
	DEBUG_VERSIONS = 32,    /* version dependencies */
	DEBUG_SCOPES = 64,      /* each object's scope */
	DEBUG_STATISTICS = 128, /* counts and times */
	DEBUG_STEPS = 256,      /* one line per step of main.c */
	DEBUG_MAPS = 512,       /* the registry at main() */
	DEBUG_TLS = 1024,       /* control blocks of threads; glibc's libc tells more itself */
	DEBUG_SECURITY = 2048,  /* objects that weaken a protection of code */
	DEBUG_ALL = 4095,
	/* With any of these the calls of constructors and destructors are told, as ld.so does. */
	DEBUG_CALLS = DEBUG_LIBS | DEBUG_FILES | DEBUG_RELOC | DEBUG_SYMBOLS | DEBUG_BINDINGS |
		      DEBUG_VERSIONS,
	DEBUG_UNUSED = 4096, /* the program's libraries that it does not use; nothing is run */
};

/* Keep a message; return -1.  '?' takes the place of control characters in names.  At most 1000 are
 * kept, the rest are counted. */
int diag_fail(struct diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3), cold));
int diag_about(struct diag *d, enum about about, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));
/* Adds a line, which only a start tells, to the last message; without one it is a message itself.
 * Returns -1. */
int diag_add(struct diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3), cold));
/* Discards all messages; their memory stays the arena's. */
void diag_clear(struct diag *d);
/* Discards the messages since `before`, a copy of *d; the number of messages is that of then. */
void diag_return(struct diag *d, const struct diag *before);
/* Prints all messages: each begins with the program's name and the text of `start` for what it is
 * about; a second line begins with "myld.so: ". */
void diag_print(const struct diag *d, int fd, const char *program, const char (*start)[ABOUT_ROOM]);
/* Writes all messages into buf (n bytes), separated by newlines; returns the length needed. */
size_t diag_text(const struct diag *d, char *buf, size_t n);
/* The same of the first message's first line, which is all that a libc's own dlerror tells. */
size_t diag_first(const struct diag *d, char *buf, size_t n);

/* Writes a line of debug output, or several, each prefixed with "     PID:\t" as ld.so does. */
void diag_debug(const struct diag *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), cold));
/* The same of a text that has its newlines. */
void diag_debug_args(const struct diag *d, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

#endif
