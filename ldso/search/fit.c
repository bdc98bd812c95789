/* fit.c: whether a file's ELF header is one of an object that this machine can load; see fit.h.
 *
 * gABI, "ELF Header".  The order of the checks is ld.so's, as it decides what is said of a file that
 * is wrong in two ways.
 */
#include "search/fit.h"
#include "base/elf_types.h"
#include "base/format.h"
#include "base/mem.h"

__attribute__((format(printf, 3, 4))) static bool differs(
	struct unfit *why, const char *words, const char *fmt, ...)
{
	va_list args;

	why->words = words;
	va_start(args, fmt);
	format_args(why->facts, sizeof why->facts, fmt, args);
	va_end(args);
	return false;
}

static bool is_foreign(struct unfit *why)
{
	why->foreign = true;
	return false;
}

/* Says of a script that it is one. */
static void tell_script(const unsigned char *head, size_t n, struct unfit *why)
{
	char line[80];
	size_t len = 0;

	if (n < 2 || head[0] != '#' || head[1] != '!')
		return;
	while (len < sizeof line - 1 && len + 2 < n && head[len + 2] != '\n') {
		line[len] = (char)head[len + 2];
		len++;
	}
	line[len] = 0;
	differs(why, why->words,
		"a script (#!) for '%s', not an ELF program: run its interpreter instead",
		line + (line[0] == ' '));
}

static bool check_ident(const unsigned char *id, struct unfit *why)
{
	if (id[EI_CLASS] != ELF_CLASS) {
		differs(why,
			ARCH_BITS == 64 ? "wrong ELF class: ELFCLASS32"
					: "wrong ELF class: ELFCLASS64",
			"EI_CLASS %u (ELFCLASS%u), expected %u", id[EI_CLASS], id[EI_CLASS] * 32u,
			ELF_CLASS);
		return is_foreign(why);
	}
	if (id[EI_DATA] != ARCH_DATA)
		return differs(why,
			ARCH_DATA == ELFDATA2LSB ? "ELF file data encoding not little-endian"
						 : "ELF file data encoding not big-endian",
			"EI_DATA, the data encoding, %u, expected %u", id[EI_DATA], ARCH_DATA);
	if (id[EI_VERSION] != EV_CURRENT)
		return differs(why, "ELF file version ident does not match current one",
			"EI_VERSION, the ELF version, %u, expected 1", id[EI_VERSION]);
	if (id[EI_OSABI] != ELFOSABI_SYSV && id[EI_OSABI] != ELFOSABI_GNU)
		return differs(why, "ELF file OS ABI invalid", "EI_OSABI %u, expected 0 or 3",
			id[EI_OSABI]);
	if (id[EI_OSABI] == ELFOSABI_SYSV && id[EI_ABIVERSION])
		return differs(why, "ELF file ABI version invalid", "EI_ABIVERSION %u, expected 0",
			id[EI_ABIVERSION]);
	for (unsigned i = EI_PAD; i < EI_NIDENT; i++)
		if (id[i])
			return differs(why, "nonzero padding in e_ident",
				"byte %u is %u, expected 0", i, id[i]);
	return true;
}

bool fit_check(const unsigned char *head, size_t n, struct unfit *why)
{
	const Elf_Ehdr *e = (const Elf_Ehdr *)head;

	*why = (struct unfit){0};
	if (n < sizeof *e || memcmp(head, ELFMAG, SELFMAG)) {
		if (n < sizeof *e)
			differs(why, "file too short", "%zu bytes, expected an ELF header (%zu)", n,
				sizeof *e);
		else
			differs(why, "invalid ELF header", "no magic number (0x7f 'ELF')");
		tell_script(head, n, why);
		return false;
	}
	if (!check_ident(head, why))
		return false;
	if (e->e_version != EV_CURRENT)
		return differs(why, "ELF file version does not match current one",
			"e_version %u, expected 1", e->e_version);
	if (e->e_machine != ARCH_MACHINE) {
		differs(why, NULL, "e_machine %u, expected %u (%s)", e->e_machine, ARCH_MACHINE,
			ARCH_NAME);
		return is_foreign(why);
	}
	if (!arch_flags_ok(e->e_flags)) {
		differs(why, NULL, "e_flags 0x%x: not the ABI of this machine's programs",
			e->e_flags);
		return is_foreign(why);
	}
	if (e->e_type != ET_EXEC && e->e_type != ET_DYN)
		return differs(why, "only ET_DYN and ET_EXEC can be loaded",
			"e_type %u, expected 2 (ET_EXEC) or 3 (ET_DYN)", e->e_type);
	if (e->e_phentsize != sizeof(Elf_Phdr))
		return differs(why, "ELF file's phentsize not the expected size",
			"e_phentsize %u, expected %zu", e->e_phentsize, sizeof(Elf_Phdr));
	return true;
}
