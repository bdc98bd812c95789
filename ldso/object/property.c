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

static size_t aligned(size_t n)
{
	return (n + WORD - 1) & -WORD;
}

/* Finds an entry in n bytes. */
static uint32_t find_entry(const char *entries, size_t n, uint32_t type)
{
	uint32_t head[2], value; /* type, size */

	while (n >= sizeof head) {
		size_t size;

		memcpy(head, entries, sizeof head);
		if (head[1] > n - sizeof head)
			return 0;
		if (head[0] == type && head[1] == sizeof value) {
			memcpy(&value, entries + sizeof head, sizeof value);
			return value;
		}
		size = aligned(sizeof head + head[1]);
		if (size > n)
			return 0;
		entries += size;
		n -= size;
	}
	return 0;
}

uint32_t property_in(const char *notes, size_t n, uint32_t type)
{
	while (n >= sizeof(Elf_Nhdr)) {
		Elf_Nhdr note;
		size_t desc, end;

		memcpy(&note, notes, sizeof note);
		if (note.n_namesz > n || note.n_descsz > n)
			return 0;
		desc = aligned(sizeof note + note.n_namesz);
		end = desc + note.n_descsz;
		if (end > n)
			return 0;
		if (note.n_type == NT_GNU_PROPERTY_TYPE_0 && note.n_namesz == sizeof "GNU" &&
			!memcmp(notes + sizeof note, "GNU", sizeof "GNU"))
			return find_entry(notes + desc, note.n_descsz, type);
		if (aligned(end) > n)
			return 0;
		notes += aligned(end);
		n -= aligned(end);
	}
	return 0;
}

uint32_t property_of(const struct dso *d, uint32_t type)
{
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++)
		if (p->p_type == PT_GNU_PROPERTY && dso_contains(d, p->p_vaddr, p->p_filesz, PF_R))
			return property_in(dso_at(d, p->p_vaddr), p->p_filesz, type);
	return 0;
}
