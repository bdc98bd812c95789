/* libc.c: the libcs that this build of the loader supports; see libc.h. */
#include "state/libc.h"
#include "base/mem.h"
#include "base/path.h"

extern const struct libc_abi *const first_abi[] __asm__("__start_libc_abis");
extern const struct libc_abi *const last_abi[] __asm__("__stop_libc_abis");

const struct libc_abi *abi_default(void)
{
	const struct libc_abi *const *a = first_abi;

	while ((*a)->claims)
		a++;
	return *a;
}

const struct libc_abi *abi_at(size_t i)
{
	return i < (size_t)(last_abi - first_abi) ? first_abi[i] : NULL;
}

const struct libc_abi *abi_of(const char *name)
{
	for (const struct libc_abi *const *a = first_abi; a < last_abi; a++)
		if ((*a)->claims && (*a)->claims(name))
			return *a;
	return NULL;
}

bool abi_is_unsupported(const char *name)
{
	return !strcmp(path_base(name), "libc.so.6") && !abi_of(name);
}
