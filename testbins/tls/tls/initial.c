static __thread int own = 1000;
extern __thread int library_variable;

int initial_sum(int add)
{
	own += add;
	return own + library_variable;
}
