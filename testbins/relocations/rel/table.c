int table[4] = {10, 20, 30, 40};
static int *last = &table[3], *const pointers[] = {&table[0], &table[2]};

int function(int x)
{
	return *last + *pointers[1] + x;
}
