#include <stdio.h>

int places(void);
int text(const char *s);

int main(void)
{
	printf("%d\n", text("hello"));
	return places();
}
