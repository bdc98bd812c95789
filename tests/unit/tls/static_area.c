/* static_area.c: the static TLS area of this machine's variant. */
#include "lib/static_tls.h"

int main(void)
{
	return static_tls_tests();
}
