/* options.c (x86_64): copies the tunables glibc.cpu.* to struct glibc_cpu_options and back. */
#include "libc/glibc/x86_64/cpu.h"

#include "libc/glibc/tunables.h"

void glibc_cpu_read_tunables(struct glibc_cpu_options *o)
{
	const struct tunable_value *t = tunables_find("glibc.cpu.hwcaps");

	if (t && t->is_set)
		o->hwcaps = t->text.s;
	t = tunables_find("glibc.cpu.prefer_map_32bit_exec");
	o->prefer_map_32bit_exec = t && t->number;
	for (unsigned i = 0; i < GLIBC_CPU_SIZES; i++) {
		t = tunables_find(glibc_cpu_size_name(i));
		if (t) {
			o->size[i].set = t->is_set;
			o->size[i].value = (uint64_t)t->number;
		}
	}
}

void glibc_cpu_update_tunables(const struct glibc_cpu_options *o)
{
	for (unsigned i = 0; i < GLIBC_CPU_SIZES; i++)
		if (o->size[i].max)
			tunables_set(glibc_cpu_size_name(i), o->size[i].value, o->size[i].min,
				o->size[i].max);
}
