int present(void);
int gone_function_one(void), gone_function_two(void);
extern int gone_variable;

int main(void)
{
	return present() + gone_function_one() + gone_function_two() + gone_variable;
}
