/* With two features that keep references inside: protected and hidden visibility. */
const char *from_everyone(void)
{
	return "right";
}

const char *from_libraries(void)
{
	return "right";
}

__attribute__((visibility("protected"))) const char *protected_name(void)
{
	return "right's own";
}

__attribute__((visibility("hidden"))) const char *hidden_name(void)
{
	return "right's hidden";
}

const char *protected_view(void)
{
	return protected_name();
}

const char *hidden_view(void)
{
	return hidden_name();
}

const char *weak_name(void)
{
	return "right's strong one";
}

const char *weak_view(void)
{
	return weak_name();
}
