extern int b_value;
int b_sum(int);
int a_value = 1;
int *pointer_to_b = &b_value;

int a_sum(int x)
{
	return x + a_value + *pointer_to_b + b_sum(x);
}
