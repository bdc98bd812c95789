int library_step(int (*callback)(int), int x)
{
	int result = callback(x) * 2;

	return result + 1;
}
