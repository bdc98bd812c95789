#include <stdio.h>

extern int grown[], shrunk[], small[14];
int *where(void);

int main(void)
{
	printf("%d %d %d %d %d\n", grown[0], grown[1], shrunk[0], shrunk[1], small[0]);
	printf("%d\n", where() == grown);
	return 0;
}
