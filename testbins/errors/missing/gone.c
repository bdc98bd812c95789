int gone_function_one(void)
{
	return 1;
}

int gone_function_two(void)
{
	return 2;
}

int gone_function_three(void)
{
	return 3;
}

int gone_variable;
