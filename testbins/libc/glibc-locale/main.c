/* Each of these makes libc load something, or read tables that its start has set up. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <iconv.h>
#include <langinfo.h>
#include <locale.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static void convert(const char *to, const char *text)
{
	char in[100], out[200], *from = in, *at = out;
	size_t left = strlen(text), room = sizeof(out), n, i;
	iconv_t conversion = iconv_open(to, "UTF-8");

	printf("%s:", to);
	if (conversion == (iconv_t)-1) {
		printf(" %s\n", strerror(errno));
		return;
	}
	strcpy(in, text);
	n = iconv(conversion, &from, &left, &at, &room);
	for (i = 0; i < sizeof(out) - room; i++)
		printf(" %02x", (unsigned char)out[i]);
	printf(" (%ld)\n", (long)n);
	iconv_close(conversion);
}

static void *in_thread(void *unused)
{
	convert("ISO-8859-15", "\xe2\x82\xac and \xc3\xa9");
	return unused;
}

static void conversions(void)
{
	pthread_t id;

	convert("UTF-16", "\xe6\x97\xa5\xe6\x9c\xac");
	convert("ISO-2022-JP", "\xe6\x97\xa5\xe6\x9c\xac ab");
	convert("EUC-JP", "\xe6\x97\xa5\xe6\x9c\xac");
	convert("CP1252", "\xe2\x82\xac");
	convert("ASCII//TRANSLIT", "\xe2\x80\x9cq\xe2\x80\x9d");
	convert("NO-SUCH-SET", "x");
	pthread_create(&id, NULL, in_thread, NULL);
	pthread_join(id, NULL);
}

static void names(void)
{
	struct passwd *user = getpwnam("root"), storage, *result;
	struct group *group = getgrgid(0);
	char buffer[1000];

	printf("root: %s %s\n", user ? user->pw_dir : "-", group ? group->gr_name : "-");
	printf("nobody: %d\n", getpwuid_r(65534, &storage, buffer, sizeof(buffer), &result));
	printf("no user: %d\n", getpwnam("no-such-user") != NULL);
}

static void address(const char *name, int flags)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags}, *list = NULL;
	char text[100] = "-";
	int r = getaddrinfo(name, "80", &hints, &list);

	if (!r) {
		getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof(text), NULL, 0,
			NI_NUMERICHOST);
		freeaddrinfo(list);
	}
	printf("%s: %d %s\n", name, r, text);
}

static void tables(void)
{
	wchar_t wide[50];
	regex_t regex;

	printf("codeset: %s, point %s, collate %d\n", nl_langinfo(CODESET), nl_langinfo(RADIXCHAR),
		strcoll("a", "B") > 0);
	printf("wide: %ld %lc\n", (long)mbstowcs(wide, "gr\xc3\xbc\xc3\x9f", 50),
		(wint_t)towupper(L'\u00fc'));
	printf("class: %d %d\n", iswalpha(L'\u00fc'), iswctype(L'1', wctype("digit")));
	printf("regex: %d", regcomp(&regex, "^[[:alpha:]]+(.)\\1$", REG_EXTENDED));
	printf(" %d %d\n", regexec(&regex, "abb", 0, NULL, 0), regexec(&regex, "abc", 0, NULL, 0));
	regfree(&regex);
	printf("message: %s\n", strerror(ENOENT));
	printf("number: %'d %.3f\n", 1234567, 0.5);
}

int main(void)
{
	printf("locale: %s\n", setlocale(LC_ALL, ""));
	conversions();
	names();
	address("127.0.0.1", AI_NUMERICHOST);
	address("::1", 0);
	address("localhost", 0);
	tables();
	return 0;
}
