int grown[GROWN] = {1, 2};
int shrunk[SHRUNK] = {3, 4};
int *where(void);

int *where(void)
{
	return grown;
}
