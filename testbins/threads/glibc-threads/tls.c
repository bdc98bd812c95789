/* Static TLS that each thread carries, however small its stack. */
__thread char static_block[6000] __attribute__((tls_model("initial-exec"))) = {7};

int static_sum(void);
int static_sum(void)
{
	return static_block[0]++ + static_block[5999];
}
