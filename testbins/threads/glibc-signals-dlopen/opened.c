/* Opened and closed all the time: its TLS makes each thread's dtv out of date. */
static __thread int own = 3;

int of_opened(void)
{
	return own;
}
