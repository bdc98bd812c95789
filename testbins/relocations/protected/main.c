#include <stdio.h>

extern int data[2];
int read_data(void);
int function(void);
extern int (*pointer)(void);

int main(void)
{
	printf("%d %d\n", data[0], read_data());
	data[0] = 9;
	printf("%d %d\n", data[0], read_data());
	printf("%d %d\n", function(), pointer());
	printf("equal: %d\n", pointer == function);
	return 0;
}
