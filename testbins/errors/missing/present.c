int gone_function_three(void);

int present(void)
{
	return gone_function_three();
}
