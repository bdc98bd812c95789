/* gen.h: access to an object's contents, symbols and types, for the generator.
 *
 * An object most often consists of two files: the stripped one, which programs use, for its contents; and
 * the one with its debugging information, for symbols and types.  If it is not stripped, both are the same.
 */
#ifndef GEN_H
#define GEN_H

#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MAX_BUILD_ID 64

struct object {
	const char *path, *debug_path;
	Elf *elf, *debug_elf;
	Dwarf *dwarf; /* NULL: there is no debugging information */
	const unsigned char *build_id;
	size_t build_id_size; /* in bytes; 0: it has none */
};

/* Ends the program with a message. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* object.c: contents and symbols.  All of these end the program on failure. */
/* debug: where else debugging information may be, a file or a tree; "": nowhere.  is_optional: the program
 * goes on without it, with a note on standard error. */
struct object object_open(const char *path, const char *debug, bool is_optional);
void object_close(struct object *o);
/* Writes the build-id in hexadecimal digits, "" if there is none. */
void object_build_id(const struct object *o, char hex[2 * MAX_BUILD_ID + 1]);
/* The address and size of a symbol. */
GElf_Addr object_symbol(struct object *o, const char *name, GElf_Xword *size);
/* n bytes at an address, as the file has them. */
const void *object_bytes(struct object *o, GElf_Addr addr, size_t n);
/* The pointer at an address, relocated as if the object were loaded at 0. */
GElf_Addr object_pointer(struct object *o, GElf_Addr addr);
/* The string at an address. */
const char *object_string(struct object *o, GElf_Addr addr);

/* debug.c.  Sets debug_elf and debug_path of an object whose other members are set.  Returns NULL, or why
 * there is none. */
const char *debug_find(struct object *o, const char *given);

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
