/* identity.c: recognises a file on another host by its contents; see identity.h. */
#include "cache/identity.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/sys.h"
#include "memory/file_map.h"
#include "object/build_id.h"

#define PHDRS_LIMIT 64

bool identity_of_object(const struct dso *d, unsigned char id[IDENTITY])
{
	return build_id_of(d, id) != 0;
}

static bool read_build_id(int fd, unsigned char id[IDENTITY])
{
	Elf_Phdr phdrs[PHDRS_LIMIT];
	char notes[BUILD_ID_NOTES];
	Elf_Ehdr e;
	long n;

	if (sys_pread(fd, &e, sizeof e, 0) != sizeof e || memcmp(e.e_ident, ELFMAG, SELFMAG) ||
		e.e_phentsize != sizeof *phdrs || e.e_phnum > PHDRS_LIMIT)
		return false;
	n = sys_pread(fd, phdrs, e.e_phnum * sizeof *phdrs, e.e_phoff);
	for (const Elf_Phdr *p = phdrs; n > 0 && p < phdrs + (size_t)n / sizeof *phdrs; p++)
		if (p->p_type == PT_NOTE &&
			sys_pread(fd, notes, build_id_notes(p), p->p_offset) ==
				(long)build_id_notes(p) &&
			build_id_find(notes, build_id_notes(p), p->p_align, id))
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
	struct file_info info;
	const char *data;
	uint64_t sum = 0;
	int fd = open_file(path, &info), e = 0;

	if (fd < 0)
		return false;
	*size = info.size;
	if (info.size)
		e = file_map(&ld->vm, fd, &info, &contents_owner, &data);
	sys_close(fd);
	if (e < 0)
		return false;
	if (info.size) {
		sum = hash_bytes(data, info.size, 0);
		file_unmap(&ld->vm, data, info.size);
	}
	memset(id, 0, IDENTITY);
	memcpy(id, &sum, sizeof sum);
	return true;
}

/* A file that was changed within the last clock tick may change again without a change of its
 * times; older file systems have a resolution of a second (or two). */
bool identity_is_settled(int64_t ctime, int64_t moment)
{
	return moment - ctime > (ctime % 1000000000 ? 20000000 : 2000000000);
}
