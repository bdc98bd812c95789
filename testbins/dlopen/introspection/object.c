int object_data = 3;

int object_function(void)
{
	return object_data;
}
