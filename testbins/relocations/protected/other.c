int function(void);

int function(void)
{
	return 30;
}
