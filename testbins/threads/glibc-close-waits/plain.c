/* A library with a destructor. */
void count_destructor(void);

__attribute__((destructor)) static void bye(void)
{
	count_destructor();
}
