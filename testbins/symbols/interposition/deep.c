/* Two levels down: loses to the first level. */
const char *from_libraries(void)
{
	return "deep";
}

const char *deep_only(void)
{
	return "deep";
}

const char *protected_name(void)
{
	return "deep's";
}

const char *hidden_name(void)
{
	return "deep's";
}
