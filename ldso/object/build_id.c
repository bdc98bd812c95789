/* build_id.c: reads the build-id note; see build_id.h. */
#include "object/build_id.h"
#include "base/mem.h"

size_t build_id_find(const char *notes, size_t n, size_t align, unsigned char id[BUILD_ID_ROOM])
{
	uint64_t mask = align == 8 ? 7 : 3;

	while (n >= sizeof(Elf_Nhdr)) {
		Elf_Nhdr note;
		uint64_t desc, end; /* two 32-bit numbers cannot overflow */

		memcpy(&note, notes, sizeof note);
		desc = (sizeof note + note.n_namesz + mask) & ~mask;
		end = (desc + note.n_descsz + mask) & ~mask;
		if (desc + note.n_descsz > n)
			return 0;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof "GNU" &&
			!memcmp(notes + sizeof note, "GNU", sizeof "GNU")) {
			if (!note.n_descsz || note.n_descsz > BUILD_ID_ROOM)
				return 0;
			memset(id, 0, BUILD_ID_ROOM);
			memcpy(id, notes + desc, note.n_descsz);
			return note.n_descsz;
		}
		if (end > n)
			return 0;
		notes += end;
		n -= end;
	}
	return 0;
}

size_t build_id_notes(const Elf_Phdr *p)
{
	return p->p_filesz < BUILD_ID_NOTES ? p->p_filesz : BUILD_ID_NOTES;
}

size_t build_id_of(const struct dso *d, unsigned char id[BUILD_ID_ROOM])
{
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++) {
		size_t n = build_id_notes(p), found = 0;

		if (p->p_type == PT_NOTE && dso_contains(d, p->p_vaddr, n, PF_R))
			found = build_id_find(dso_at(d, p->p_vaddr), n, p->p_align, id);
		if (found)
			return found;
	}
	return 0;
}
