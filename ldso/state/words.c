/* words.c: messages in the words of each libc's own loader; see words.h. */
#include "state/words.h"
#include "base/mem.h"
#include "state/libc.h"

#define NOT_OPENED "cannot open shared object file"

const struct words words_of_ldso = {
	.named = true,
	.start = {[ABOUT_OTHER] = ": error while loading shared libraries: ",
		[ABOUT_ABSENCE] = ": error while loading shared libraries: ",
		[ABOUT_FILE] = ": error while loading shared libraries: ",
		[ABOUT_SYMBOL] = ": symbol lookup error: ",
		[ABOUT_VERSION] = ": ",
		[ABOUT_ACCESS] = ": "},
	.open = {"", ": " NOT_OPENED ": "},
	.undefined = {"", ": undefined symbol: ", ""},
};

const struct words words_of_musl = {
	.start = {[ABOUT_OTHER] = "myld.so: ",
		[ABOUT_VERSION] = "myld.so: ",
		[ABOUT_ACCESS] = "myld.so: ",
		[ABOUT_MACHINE] = "myld.so: "},
	.open = {"Error loading shared library ", ": ", " (needed by ", ")"},
	.unfit = "Exec format error",
	.undefined = {"Error relocating ", ": ", ": symbol not found"},
	.noload = {"Library ", " is not already loaded"},
};

static const char *program_name(const struct config *c)
{
	return c->argc ? c->argv[0] : "<program name unknown>";
}

const char *words_name(const struct loader *ld, const struct dso *d)
{
	return d == ld->program && ld->abi->words->named ? program_name(&ld->config) : d->path;
}

int fail_to_open(struct loader *ld, const char *name, long error, const char *by, const char *more)
{
	const char(*w)[sizeof ld->abi->words->open[0]] = ld->abi->words->open;
	bool told = by && w[2][0];
	const char *needed = by && !told ? "needed by " : "", *object = *needed ? by : "";

	/* `more` begins with "; ", which leads on from the object. */
	if (!by && more[0])
		more += 2;
	return diag_about(&ld->diag, ABOUT_ABSENCE, "%s%s%s%s%s%s%s%s%s%s%s%s%s", w[0], name, w[1],
		errno_text(error), told ? w[2] : "", told ? by : "", told ? w[3] : "",
		*needed || more[0] ? "\n" : "", *needed || more[0] ? name : "",
		*needed || more[0] ? ": " : "", needed, object, more);
}

int fail_other_class(
	struct loader *ld, const char *name, const char *words, const char *by, const char *more)
{
	const struct words *w = ld->abi->words;

	if (!by)
		more += strlen("; ");
	return diag_about(&ld->diag, ABOUT_ABSENCE, "%s%s%s%s\n%s: %s%s%s",
		w->unfit[0] ? w->open[0] : "", name, w->unfit[0] ? w->open[1] : ": ",
		w->unfit[0] ? w->unfit : words, name, by ? "needed by " : "", by ? by : "", more);
}

int fail_unfit(struct loader *ld, const char *name, const char *path, const char *words,
	const char *fmt, ...)
{
	const struct words *w = ld->abi->words;
	char facts[512];
	va_list args;

	va_start(args, fmt);
	format_args(facts, sizeof facts, fmt, args);
	va_end(args);
	if (w->unfit[0])
		return diag_about(&ld->diag, ABOUT_FILE, "%s%s%s%s\n%s: %s", w->open[0], name,
			w->open[1], w->unfit, path, facts);
	if (words)
		return diag_about(
			&ld->diag, ABOUT_FILE, "%s: %s\n%s: %s", name, words, path, facts);
	return diag_about(&ld->diag, ABOUT_FILE, "%s: %s", path, facts);
}

const char *words_asked(const struct dso *d)
{
	return d->name ? d->name : d->path;
}

int fail_undefined(
	struct loader *ld, const struct dso *d, const char *symbol, const struct version *v)
{
	const char(*w)[sizeof ld->abi->words->undefined[0]] = ld->abi->words->undefined;

	return diag_about(&ld->diag, ABOUT_SYMBOL, "%s%s%s%s%s%s%s", w[0], words_name(ld, d), w[1],
		symbol, w[2], v ? ", version " : "", v ? v->name : "");
}

/* Copies the part of a message that tells what is wrong, without the object and the kernel's
 * error. */
static void copy_reason(const char *message, char *buf, size_t n)
{
	const char *at = strchr(message, ':');
	size_t len = 0;

	while (at && at[1] != ' ')
		at = strchr(at + 1, ':');
	at = at ? at + strlen(": ") : message;
	if (!strncmp(at, NOT_OPENED, strlen(NOT_OPENED)))
		len = strlen(NOT_OPENED);
	else
		while (at[len] && at[len] != '\n')
			len++;
	format(buf, len < n ? len + 1 : n, "%s", at);
}

void words_warn_preload(struct loader *ld, const char *name, const char *from)
{
	const char *message = ld->diag.first ? ld->diag.first->text : "out of memory";
	const char *facts = strchr(message, '\n');
	char reason[256];

	copy_reason(message, reason, sizeof reason);
	print(2, "ERROR: ld.so: object '%s' from %s cannot be preloaded (%s): ignored.\n%s%s%s",
		name, from, reason, facts ? "myld.so: " : "", facts ? facts + 1 : "",
		facts ? "\n" : "");
	diag_clear(&ld->diag);
}

void words_warn_audit(struct loader *ld, const char *name)
{
	char reason[256];

	copy_reason(ld->diag.first ? ld->diag.first->text : "out of memory", reason, sizeof reason);
	print(2, "ERROR: ld.so: object '%s' cannot be loaded as audit interface: %s; ignored.\n",
		name, reason);
	diag_clear(&ld->diag);
}

static const struct words own = {.start = {[0 ... ABOUTS - 1] = "myld.so: "}};

void words_print_remarks(const struct loader *ld)
{
	diag_print(&ld->diag, 2, "", own.start);
}

void words_print(const struct loader *ld)
{
	const enum mode mode = ld->config.mode;
	bool start = mode == MODE_RUN || config_lists(mode) || mode == MODE_VERIFY;
	const struct words *w = start ? ld->abi->words : &own;

	diag_print(&ld->diag, 2, w->named ? program_name(&ld->config) : "", w->start);
}
