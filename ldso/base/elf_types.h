/* elf_types.h: ELF's structures for the class (32 or 64 bits) of the target machine.
 *
 * The only place that turns ARCH_BITS into types (gABI, "ELF Header" and following chapters).  Also
 * defines numbers that <elf.h> of an older libc lacks.
 */
#ifndef ELF_TYPES_H
#define ELF_TYPES_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <asm/unistd.h>

#include "arch.h"

#if ARCH_BITS == 64
#define ELF_CLASS     ELFCLASS64
#define ELF_T(name)   Elf64_##name
#define ELF_R_SYM(i)  ((uint32_t)ELF64_R_SYM(i))
#define ELF_R_TYPE(i) ((uint32_t)ELF64_R_TYPE(i))
#else
#define ELF_CLASS     ELFCLASS32
#define ELF_T(name)   Elf32_##name
#define ELF_R_SYM(i)  ELF32_R_SYM(i)
#define ELF_R_TYPE(i) ELF32_R_TYPE(i)
#endif
#define ELF_ST_BIND(i)       ((i) >> 4)
#define ELF_ST_TYPE(i)       ((i)&15)
#define ELF_ST_VISIBILITY(o) ((o)&3)

typedef ELF_T(Ehdr) Elf_Ehdr;
typedef ELF_T(Phdr) Elf_Phdr;
typedef ELF_T(Nhdr) Elf_Nhdr;
typedef ELF_T(Dyn) Elf_Dyn;
typedef ELF_T(Sym) Elf_Sym;
typedef ELF_T(Rel) Elf_Rel;
typedef ELF_T(Rela) Elf_Rela;
typedef ELF_T(Addr) Elf_Addr;
typedef ELF_T(Verdef) Elf_Verdef;
typedef ELF_T(Verdaux) Elf_Verdaux;
typedef ELF_T(Verneed) Elf_Verneed;
typedef ELF_T(Vernaux) Elf_Vernaux;
typedef ELF_T(auxv_t) Elf_Auxv;

/* gABI, "Relative relocations": tags that an older <elf.h> lacks. */
#ifndef DT_RELR
#define DT_RELRSZ  35
#define DT_RELR    36
#define DT_RELRENT 37
#endif
#ifndef PT_GNU_PROPERTY
#define PT_GNU_PROPERTY 0x6474e553
#endif

/* LSB 5, "Symbol Version Table": an element of DT_GNU_versym. */
#define VERSYM_HIDDEN 0x8000
#define VERSYM_INDEX  0x7fff

/* Relocations that the machine does not have: distinct numbers beyond any r_type. */
#ifndef ARCH_R_GLOB_DAT
#define ARCH_R_GLOB_DAT 0xffffff01u
#endif
#ifndef ARCH_R_PC
#define ARCH_R_PC 0xffffff02u
#endif
#ifndef ARCH_R_SIZE
#define ARCH_R_SIZE 0xffffff03u
#endif
#ifndef ARCH_R_ABS32
#define ARCH_R_ABS32 0xffffff04u
#endif
#ifndef ARCH_R_PC32
#define ARCH_R_PC32 0xffffff05u
#endif
#ifndef ARCH_R_SIZE32
#define ARCH_R_SIZE32 0xffffff06u
#endif
#ifndef ARCH_R_TLSDESC
#define ARCH_R_TLSDESC 0xffffff07u
#endif

#endif
