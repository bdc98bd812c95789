extern int data[2];
GUARD int data[2] = {1, 2};
int read_data(void);
int function(void);
GUARD int function(void)
{
	return 3;
}
int (*pointer)(void) = function;

int read_data(void)
{
	return data[0];
}
