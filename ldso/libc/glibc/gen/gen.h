/* gen.h: access to an object's contents, symbols and types, for the generator.
 *
 * An object of a libc6 package consists of two files: the stripped one, which programs use, for its
 * contents; and the one with its debugging information (with the same build-id), for symbols and
 * types.
 */
#ifndef GEN_H
#define GEN_H

#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct object {
	const char *path, *debug_path;
	Elf *elf, *debug_elf;
	Dwarf *dwarf;
	unsigned char build_id[20];
};

/* Ends the program with a message. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* object.c: contents and symbols.  All of these end the program on failure. */
struct object object_open(const char *path, const char *debug_dir);
void object_close(struct object *o);
/* The address and size of a symbol. */
GElf_Addr object_symbol(struct object *o, const char *name, GElf_Xword *size);
/* n bytes at an address, as the file has them. */
const void *object_bytes(struct object *o, GElf_Addr addr, size_t n);
/* The pointer at an address, relocated as if the object were loaded at 0. */
GElf_Addr object_pointer(struct object *o, GElf_Addr addr);
/* The string at an address. */
const char *object_string(struct object *o, GElf_Addr addr);

/* types.c: structures. */
struct field {
	unsigned bit;   /* from the start of the structure */
	unsigned count; /* elements, if it is an array; else 0 */
	unsigned size;  /* bytes; 0 for a bit-field */
	Dwarf_Die type;
};

/* The definition of "struct NAME": the largest, since some units have only the public part. */
bool types_struct(struct object *o, const char *name, Dwarf_Die *die);
unsigned types_size(Dwarf_Die *die);
/* A member of the structure or of an unnamed union or structure in it. */
bool types_field(Dwarf_Die *structure, const char *name, struct field *f);
/* The name of an enumeration's constant. */
const char *types_enumerator(Dwarf_Die *enumeration, uint64_t value);

#endif
