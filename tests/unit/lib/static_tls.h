/* static_tls.h: the properties of the static TLS area, for either variant: it is compiled with the
 * test.
 */
#ifndef STATIC_TLS_H
#define STATIC_TLS_H

/* Runs them as a cmocka group. */
int static_tls_tests(void);

#endif
