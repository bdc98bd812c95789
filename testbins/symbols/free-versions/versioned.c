__asm__(".symver answer_1, answer@V1");
__asm__(".symver answer_2, answer@@V2");
__asm__(".symver plain_1, plain@V1");
__asm__(".symver plain_2, plain@@V2");

int answer_1(void)
{
	return 1;
}

int answer_2(void)
{
	return 2;
}

int plain_1(void)
{
	return 10;
}

int plain_2(void)
{
	return 20;
}
