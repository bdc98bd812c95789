int zero(void);
int main(void);

int main(void)
{
	return zero();
}
