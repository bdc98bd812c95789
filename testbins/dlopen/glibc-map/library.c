/* .bss, so that the last segment does not end with a page. */
char room[100];

char *library(void)
{
	return room;
}
