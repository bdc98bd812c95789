int called(int a)
{
	return a + 1;
}
