/* ifunc.h: DEFINE_IFUNC(name, value) makes an indirect function that returns value, through the
 * resolver that the loader calls.  By assembler, since not every gcc port has the attribute. */
#define DEFINE_IFUNC(name, value)                                                                  \
	static int name##_chosen(void)                                                             \
	{                                                                                          \
		return value;                                                                      \
	}                                                                                          \
	__attribute__((used)) static void *name##_resolver(void)                                   \
	{                                                                                          \
		return resolve(name##_chosen);                                                     \
	}                                                                                          \
	__asm__(".globl " #name "\n\t.type " #name ", %gnu_indirect_function\n\t.set " #name       \
		", " #name "_resolver");                                                           \
	int name(void)
