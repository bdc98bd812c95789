/* property.c: the program properties of an object; see property.h.
 *
 * A note of type NT_GNU_PROPERTY_TYPE_0 is an array of entries: type, size, and that many bytes, padded
 * to a word.
 */
#include "object/property.h"
#include "base/mem.h"

#ifndef NT_GNU_PROPERTY_TYPE_0
#define NT_GNU_PROPERTY_TYPE_0 5
#endif

#define WORD sizeof(uintptr_t) /* to which notes and entries are aligned */

/* Finds an entry in n bytes. */
static uint32_t find_entry(const char *entries, size_t n, uint32_t type)
{
	uint32_t head[2], value;

	while (n >= sizeof head) {
		size_t size;

		memcpy(head, entries, sizeof head);
		size = (sizeof head + head[1] + WORD - 1) & -WORD;
		if (head[0] == type && head[1] == sizeof value && n >= sizeof head + sizeof value) {
			memcpy(&value, entries + sizeof head, sizeof value);
			return value;
		}
		if (size > n)
			return 0;
		entries += size;
		n -= size;
	}
	return 0;
}

uint32_t property_of(const struct dso *d, uint32_t type)
{
	const size_t front = sizeof(Elf_Nhdr) + sizeof "GNU";

	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++) {
		Elf_Nhdr note;

		/* Linkers make one note of all. */
		if (p->p_type != PT_GNU_PROPERTY || p->p_filesz < front ||
			!dso_contains(d, p->p_vaddr, p->p_filesz, PF_R))
			continue;
		memcpy(&note, dso_at(d, p->p_vaddr), sizeof note);
		if (note.n_type == NT_GNU_PROPERTY_TYPE_0 && note.n_namesz == sizeof "GNU" &&
			!memcmp(dso_at(d, p->p_vaddr + sizeof note), "GNU", sizeof "GNU") &&
			note.n_descsz <= p->p_filesz - front)
			return find_entry(dso_at(d, p->p_vaddr + front), note.n_descsz, type);
	}
	return 0;
}
