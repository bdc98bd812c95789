/* hidden.h: included before every file of the loader.
 *
 * Makes everything hidden that is not declared otherwise, declarations included
 * (-fvisibility=hidden covers definitions only), so that the compiler never uses the GOT, which is
 * not yet relocated when the first instructions run.
 */
#pragma GCC visibility push(hidden)
