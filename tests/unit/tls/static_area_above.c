/* static_area_above.c: the static TLS area of variant I, above the thread pointer.
 *
 * Flags: -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -include tests/unit/tls/above.h
 */
#include "lib/static_tls.h"

int main(void)
{
	return static_tls_tests();
}
