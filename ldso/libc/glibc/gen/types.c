/* types.c: structures' sizes and members, from DWARF. */
#include <dwarf.h>
#include <string.h>

#include "libc/glibc/gen/gen.h"

/* The type of a member or variable without typedefs and qualifiers. */
static bool bare_type(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attr;
	return dwarf_attr_integrate(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, type) &&
	       dwarf_peel_type(type, type) == 0;
}

static bool is_named(Dwarf_Die *die, const char *name)
{
	const char *s = dwarf_diename(die);
	return s && strcmp(s, name) == 0;
}

bool types_struct(struct object *o, const char *name, Dwarf_Die *found)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die top, die;
	unsigned size = 0;
	while (dwarf_get_units(o->dwarf, cu, &cu, NULL, NULL, &top, NULL) == 0) {
		if (dwarf_child(&top, &die) != 0)
			continue;
		do
			if (dwarf_tag(&die) == DW_TAG_structure_type && is_named(&die, name) &&
				types_size(&die) > size) {
				size = types_size(&die);
				*found = die;
			}
		while (dwarf_siblingof(&die, &die) == 0);
	}
	return size > 0;
}

unsigned types_size(Dwarf_Die *die)
{
	Dwarf_Word size;
	return dwarf_aggregate_size(die, &size) == 0 ? size : 0;
}

static bool number(Dwarf_Die *die, unsigned name, Dwarf_Word *value)
{
	Dwarf_Attribute attr;
	return dwarf_attr(die, name, &attr) && dwarf_formudata(&attr, value) == 0;
}

/* The first bit of a member.  Before DWARF 5, bit-fields are counted from the most significant bit
 * of a storage unit. */
static unsigned member_bit(Dwarf_Die *member)
{
	Dwarf_Word bit, offset = 0, unit, size;
	if (number(member, DW_AT_data_bit_offset, &bit))
		return bit;
	number(member, DW_AT_data_member_location, &offset);
	if (!number(member, DW_AT_bit_offset, &bit))
		return 8 * offset;
	Dwarf_Die type;
	if (!number(member, DW_AT_byte_size, &unit) && bare_type(member, &type))
		unit = types_size(&type);
	if (!number(member, DW_AT_bit_size, &size))
		die("a bit-field without a size");
	return 8 * offset + 8 * unit - bit - size; /* little endian */
}

static unsigned array_count(Dwarf_Die *type)
{
	Dwarf_Die range;
	Dwarf_Word n;
	if (dwarf_tag(type) != DW_TAG_array_type || dwarf_child(type, &range) != 0)
		return 0;
	if (number(&range, DW_AT_count, &n))
		return n;
	return number(&range, DW_AT_upper_bound, &n) ? n + 1 : 0;
}

bool types_field(Dwarf_Die *structure, const char *name, struct field *f)
{
	Dwarf_Die member, type;
	if (dwarf_child(structure, &member) != 0)
		return false;
	do {
		if (dwarf_tag(&member) != DW_TAG_member || !bare_type(&member, &type))
			continue;
		if (is_named(&member, name)) {
			*f = (struct field){.bit = member_bit(&member),
				.count = array_count(&type),
				.size = dwarf_hasattr(&member, DW_AT_bit_size) ? 0
									       : types_size(&type),
				.type = type};
			return true;
		}
		if (!dwarf_diename(&member) && types_field(&type, name, f)) {
			f->bit += member_bit(&member);
			return true;
		}
	} while (dwarf_siblingof(&member, &member) == 0);
	return false;
}

const char *types_enumerator(Dwarf_Die *enumeration, uint64_t value)
{
	Dwarf_Die die;
	Dwarf_Word n;
	if (dwarf_tag(enumeration) == DW_TAG_enumeration_type &&
		dwarf_child(enumeration, &die) == 0)
		do
			if (number(&die, DW_AT_const_value, &n) && n == value)
				return dwarf_diename(&die);
		while (dwarf_siblingof(&die, &die) == 0);
	return "";
}
