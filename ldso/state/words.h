/* words.h: messages in the words of each libc's own loader, which programs and scripts look for.
 *
 * The first line of such a message is the other loader's, to the letter; what only this loader knows
 * follows on a second line, which a start prints and dlerror does not have.
 *
 * The functions report a failure, as fail() does, and return -1.
 */
#ifndef WORDS_H
#define WORDS_H

#include "state/loader.h"

/* Texts are stored in arrays, not behind pointers, which would have to be relocated at each start.
 */
struct words {
	bool named;                     /* a start's messages begin with the program's name */
	char start[ABOUTS][ABOUT_ROOM]; /* what a start puts before a message, by enum about */
	/* Around the name, the reason, and the object that needs the file; the last part is left
	 * out if [2] is empty or no object does. */
	char open[4][36];
	char unfit[20];        /* the reason for every file that can't be loaded; "": its own */
	char undefined[3][24]; /* around the object and the symbol */
	char noload[2][28];    /* around a name that RTLD_NOLOAD did not find */
};

extern const struct words words_of_ldso, words_of_musl;

/* No file was found, or it can't be opened: by errno (negative).  by: the path of the object that
 * needs it, or NULL.  more: what else there is to say, or "". */
int fail_to_open(struct loader *ld, const char *name, long error, const char *by, const char *more);

/* The same where ld.so says, in its words, that there are only files of another class. */
int fail_other_class(
	struct loader *ld, const char *name, const char *words, const char *by, const char *more);

/* The file at path can't be loaded.  name: what ld.so calls it; words: ld.so's, or NULL where it has
 * none; then what follows, the facts, is all. */
int fail_unfit(struct loader *ld, const char *name, const char *path, const char *words,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

struct version;

/* No object defines a symbol that d needs.  v: its version, or NULL. */
int fail_undefined(
	struct loader *ld, const struct dso *d, const char *symbol, const struct version *v);

/* The errno (negative) that stands for "no such file or directory". */
#define NO_SUCH_FILE (-2L)

/* The name by which d was asked for, which ld.so gives until d is mapped. */
const char *words_asked(const struct dso *d);

/* The name of d in a message: of the program, its argv[0] where ld.so has that. */
const char *words_name(const struct loader *ld, const struct dso *d);

/* Prints the messages of a start, or of another command, to standard error. */
void words_print(const struct loader *ld);

/* Prints them as this loader's own remarks, which are no failure. */
void words_print_remarks(const struct loader *ld);

/* Warns on standard error that a library could not be preloaded, with the messages, which it
 * discards.  from: the variable, option or file that names it. */
void words_warn_preload(struct loader *ld, const char *name, const char *from);
/* The same of an auditor. */
void words_warn_audit(struct loader *ld, const char *name);

#endif
