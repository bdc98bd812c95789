int first(void), second(void);

int main(void)
{
	return first() + second() - 3;
}
