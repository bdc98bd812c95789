/* identity.c: see identity.h.  Notes: gABI, "Note Section"; in a segment that is aligned to 8 bytes
 * their parts are too (x86-64 psABI, "Program Property Note").
 */
#include "cache/identity.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/sys.h"

#define NOTES_LIMIT 2048 /* bytes of a segment that are looked at */
#define PHDRS_LIMIT 64

static bool find_build_id(const char *notes, size_t n, size_t align, unsigned char id[IDENTITY])
{
	uint64_t mask = align == 8 ? 7 : 3;

	while (n >= sizeof(Elf_Nhdr)) {
		Elf_Nhdr note;
		uint64_t desc, end; /* two 32-bit numbers cannot overflow */

		memcpy(&note, notes, sizeof note);
		desc = (sizeof note + note.n_namesz + mask) & ~mask;
		end = (desc + note.n_descsz + mask) & ~mask;
		if (desc + note.n_descsz > n)
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof "GNU" &&
			!memcmp(notes + sizeof note, "GNU", sizeof "GNU")) {
			if (!note.n_descsz || note.n_descsz > IDENTITY)
				return false;
			memset(id, 0, IDENTITY);
			memcpy(id, notes + desc, note.n_descsz);
			return true;
		}
		if (end > n)
			return false;
		notes += end;
		n -= end;
	}
	return false;
}

static size_t notes_size(const Elf_Phdr *p)
{
	return p->p_filesz < NOTES_LIMIT ? p->p_filesz : NOTES_LIMIT;
}

bool identity_of_object(const struct dso *d, unsigned char id[IDENTITY])
{
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++)
		if (p->p_type == PT_NOTE && dso_contains(d, p->p_vaddr, notes_size(p), PF_R) &&
			find_build_id(dso_at(d, p->p_vaddr), notes_size(p), p->p_align, id))
			return true;
	return false;
}

static bool read_build_id(int fd, unsigned char id[IDENTITY])
{
	Elf_Phdr phdrs[PHDRS_LIMIT];
	char notes[NOTES_LIMIT];
	Elf_Ehdr e;
	long n;

	if (sys_pread(fd, &e, sizeof e, 0) != sizeof e || memcmp(e.e_ident, ELFMAG, SELFMAG) ||
		e.e_phentsize != sizeof *phdrs || e.e_phnum > PHDRS_LIMIT)
		return false;
	n = sys_pread(fd, phdrs, e.e_phnum * sizeof *phdrs, e.e_phoff);
	for (const Elf_Phdr *p = phdrs; n > 0 && p < phdrs + (size_t)n / sizeof *phdrs; p++)
		if (p->p_type == PT_NOTE &&
			sys_pread(fd, notes, notes_size(p), p->p_offset) == (long)notes_size(p) &&
			find_build_id(notes, notes_size(p), p->p_align, id))
			return true;
	return false;
}

static int open_file(const char *path, struct file_info *info)
{
	int fd = sys_open(path), e;

	if (fd < 0)
		return fd;
	e = sys_fstat(fd, info);
	if (e == 0 && (info->mode & FILE_TYPE) == FILE_REGULAR)
		return fd;
	sys_close(fd);
	return -SYS_EINVAL;
}

bool identity_of_elf(const char *path, uint64_t *size, unsigned char id[IDENTITY])
{
	struct file_info info;
	int fd = open_file(path, &info);
	bool found;

	if (fd < 0)
		return false;
	*size = info.size;
	found = read_build_id(fd, id);
	sys_close(fd);
	return found;
}

static const struct vm_owner contents_owner = {.name = "[myld.so: a file's contents]"};

bool identity_of_contents(
	struct loader *ld, const char *path, uint64_t *size, unsigned char id[IDENTITY])
{
	struct vm_what what = {.kind = VM_FILE, .prot = VM_R, .owner = &contents_owner};
	struct file_info info;
	uint64_t sum = 0;
	uintptr_t at;
	size_t len;
	int fd = open_file(path, &info), e = 0;

	if (fd < 0)
		return false;
	*size = info.size;
	len = (size_t)((info.size + ld->config.page - 1) & -(uint64_t)ld->config.page);
	what.dev = info.dev;
	what.ino = info.ino;
	if (len)
		e = vm_map(&ld->vm, 0, len, &what, fd, &at);
	sys_close(fd);
	if (e < 0)
		return false;
	if (len) {
		sum = hash_bytes((const void *)at, (size_t)info.size, 0);
		vm_unmap(&ld->vm, at, len);
	}
	memset(id, 0, IDENTITY);
	memcpy(id, &sum, sizeof sum);
	return true;
}

/* One that was changed within the clock's last tick may change again and keep its times; file
 * systems of old count whole seconds. */
bool identity_is_settled(int64_t ctime, int64_t moment)
{
	return moment - ctime > (ctime % 1000000000 ? 20000000 : 2000000000);
}
