__attribute__((tls_model("initial-exec"))) __thread int initial_exec = 20;
__attribute__((tls_model("initial-exec"))) static __thread int other = 3;

int ie_sum(void)
{
	return initial_exec + other++;
}
