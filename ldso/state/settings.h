/* settings.h: the tables of options, variables and keywords.
 *
 * config.c parses by these tables and cli/help.c prints them.  Names are stored in arrays, not
 * behind pointers, which would have to be relocated at each start.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

enum setting_kind {
	FLAG,      /* sets a bool */
	TEXT,      /* sets a string */
	MODE,      /* sets the mode */
	WORDS,     /* LD_DEBUG: words that set bits */
	CACHE,     /* --cache: a word that sets the mode */
	NEVER,     /* not supported: the variable is warned of */
	NONE,      /* without effect, known for the help alone */
	CACHE_USE, /* MYLD_CACHE, read by read_cache_use() of config.c */
};

struct setting {
	char name[25];
	char value[5];            /* name of its argument in the help */
	unsigned char kind, mode; /* enum setting_kind; MODE: enum mode */
	unsigned short field;     /* offset in struct config */
	char help[56];
};

/* A keyword of --cache. */
struct cache_word {
	char name[8], value[11];
	unsigned char mode;
	char help[52];
};

/* A keyword of LD_DEBUG. */
struct debug_word {
	char name[11];
	unsigned char help_only;
	unsigned short bits; /* enum debug */
	char help[50];
};

enum { SETTINGS_OPTIONS = 26, SETTINGS_VARIABLES = 20, SETTINGS_CACHE = 7, SETTINGS_DEBUG = 15 };

extern const struct setting settings_options[SETTINGS_OPTIONS];
extern const struct setting settings_variables[SETTINGS_VARIABLES];
extern const struct cache_word settings_cache[SETTINGS_CACHE];
extern const struct debug_word settings_debug[SETTINGS_DEBUG];

#endif
