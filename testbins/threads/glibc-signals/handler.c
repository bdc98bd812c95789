/* Called for the first time from a signal handler. */
static __thread int times = 10;

int handled(int signal);
int handled(int signal)
{
	return times++ + signal;
}
