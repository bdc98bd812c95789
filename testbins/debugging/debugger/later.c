int later_step(int x)
{
	int result = x * 3;

	return result + 1;
}
