const char *from_everyone(void);
const char *deep_only(void);
int shared_counter;

const char *from_libraries(void)
{
	return "left";
}

__attribute__((weak)) const char *weak_name(void)
{
	return "left's weak one";
}

const char *left_view(void)
{
	return from_everyone();
}

int increment(void)
{
	return ++shared_counter;
}
