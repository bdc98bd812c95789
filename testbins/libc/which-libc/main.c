/* Which libc is in the process: the right one, once. */
#include <stdio.h>
#include <string.h>

int main(void)
{
	char line[600], previous[600] = "";
	FILE *maps = fopen("/proc/self/maps", "r");
	char *path;

	while (maps && fgets(line, sizeof(line), maps)) {
		path = strchr(line, '/');
		if (!path || (!strstr(path, "/libc.so") && !strstr(path, "/ld-musl")))
			continue;
		if (strcmp(path, previous))
			printf("%s", path);
		strcpy(previous, path);
	}
	return 0;
}
