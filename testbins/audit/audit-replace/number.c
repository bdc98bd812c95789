/* What the auditor needs. */
static __thread int number __attribute__((tls_model("initial-exec"))) = 10;

int next_number(void)
{
	return number++;
}
