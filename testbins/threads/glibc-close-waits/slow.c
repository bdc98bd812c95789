/* A library whose destructor lasts until other threads wait for it. */
void while_closing(int stage);

__attribute__((destructor)) static void bye(void)
{
	while_closing(WAIT_FOR);
}
