/* What dlerror says: its first words are those that programs look for; what follows is free. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const char *program;

/* The text is "OBJECT: WORDS..."; where the object lies is not asked. */
static void check(const char *object, const char *words)
{
	const char *text = dlerror(), *colon = text ? strchr(text, ':') : NULL;
	size_t n = strlen(object);

	if (colon && (size_t)(colon - text) >= n && !memcmp(colon - n, object, n) &&
		!strncmp(colon + 2, words, strlen(words)))
		printf("%s: %s\n", object, words);
	else
		printf("expected '%s: %s', got '%s'\n", object, words, text ? text : "nothing");
}

static void open_name(const char *name, const char *object, const char *words)
{
	printf("%s: ", name);
	if (dlopen(name, RTLD_NOW))
		printf("opened\n");
	else
		check(object, words);
}

/* By its path in the program's folder. */
static void open_path(const char *name, const char *words)
{
	char path[4096];

	snprintf(path, sizeof path, "%.*s/%s", (int)(strrchr(program, '/') - program), program,
		name);
	printf("%s: ", name);
	if (dlopen(path, RTLD_NOW))
		printf("opened\n");
	else
		check(name, words);
}

static void files(void)
{
	static const char absent[] = "cannot open shared object file: No such file or directory";

	open_name("libnothere.so", "libnothere.so", absent);
	dlopen("libnothere.so", RTLD_NOW);
	printf("all of it: %s\n", dlerror());
	open_path("none.so", absent);
	dlopen("/no/such/folder/none.so", RTLD_NOW);
	printf("all of it: %s\n", dlerror());
	open_name("libneeds.so", "libgone.so", absent);
	open_path("text.so", "invalid ELF header");
	open_path("short.so", "file too short");
	open_path("empty.so", "file too short");
	open_path("cut.so", "file too short");
	open_path("narrow.so", "wrong ELF class: ELFCLASS32");
	open_path("pie", "cannot dynamically load position-independent executable");
}

static void symbols(void)
{
	void *good = dlopen("libgood.so", RTLD_NOW);
	void *handles[] = {RTLD_DEFAULT, RTLD_NEXT, dlopen(NULL, RTLD_NOW)};
	const char *self = strrchr(program, '/') + 1;
	size_t i;

	open_name("libundefined.so", "libundefined.so", "undefined symbol: wanted");
	open_name("libundefined-version.so", "libundefined-version.so",
		"undefined symbol: wanted, version GOOD_1");
	open_name("libneeds-undefined.so", "libundefined.so", "undefined symbol: wanted");
	for (i = 0; i < sizeof handles / sizeof *handles; i++) {
		dlsym(handles[i], "nosuch");
		printf("program: %d\n", !strncmp(dlerror(), program, strlen(program)));
		dlsym(handles[i], "nosuch");
		check(self, "undefined symbol: nosuch");
		dlvsym(handles[i], "nosuch", "NO_1");
		check(self, "undefined symbol: nosuch, version NO_1");
	}
	dlsym(good, "nosuch");
	check("libgood.so", "undefined symbol: nosuch");
	dlvsym(good, "good", "GOOD_2");
	check("libgood.so", "undefined symbol: good, version GOOD_2");
	dlsym(good, "good");
	printf("then %s\n", dlerror() ? "an error" : "none");
}

int main(int argc, char **argv)
{
	(void)argc;
	setvbuf(stdout, NULL, _IONBF, 0);
	program = argv[0];
	files();
	symbols();
	return 0;
}
