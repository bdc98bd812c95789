/* Initialised initial-exec TLS: the loader asks whether there are other threads. */
static _Thread_local __attribute__((tls_model("initial-exec"))) volatile int set = 5;

int dependency(void)
{
	return set;
}
