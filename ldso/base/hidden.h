/* hidden.h: included before every file of the loader.
 *
 * Everything is hidden unless it says otherwise, declarations too (-fvisibility=hidden covers
 * definitions only): so the compiler never goes through the GOT, which is not relocated when the
 * first instructions run. */
#pragma GCC visibility push(hidden)
