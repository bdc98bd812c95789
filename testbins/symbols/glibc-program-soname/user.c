int provided(void);
int use(void);

int use(void)
{
	return provided() + 40;
}
