/* code.c (x86_64): the lengths and memory operands of instructions; see code.h.
 *
 * Source: Intel SDM 2, "Instruction Format" and appendix A, "Opcode Map".  What the compilers of a libc do
 * not emit need not be known: an unknown instruction ends a search.
 */
#include "libc/glibc/x86_64/code.h"

#include "base/mem.h"

/* ---- The opcode maps ---- */

/* A bit for each opcode: whether it is followed by ModRM.  Bit n of word w is opcode 32 * w + n. */
static const uint32_t modrm_one_byte[8] = {
	0x0f0f0f0f, 0x0f0f0f0f, 0, 0x00000a08, 0x0000ffff, 0, 0xff0f00c3, 0xc0c00000};
static const uint32_t modrm_0f[8] = {0xfffff00f, 0xff00ffff, 0xffffffff, 0xff7fffff, 0xffff0000,
	0xfffff8f8, 0xffff00ff, 0xffffffff};

/* The size of an immediate operand: of a byte; as the operand, but at most 4; a relative address. */
enum immediate { NONE, BYTE, WORD, OPERAND, FULL, ADDRESS, RELATIVE, ENTER };

static bool has_bit(const uint32_t words[8], uint8_t opcode)
{
	return words[opcode / 32] >> opcode % 32 & 1;
}

static enum immediate immediate_one_byte(uint8_t op, uint8_t reg)
{
	if (op < 0x40)
		return (op & 7) == 4 ? BYTE : (op & 7) == 5 ? OPERAND : NONE;
	if ((op & 0xf0) == 0x70 || (op & 0xfc) == 0xe0 || op == 0xeb)
		return BYTE;
	if ((op & 0xf8) == 0xb0)
		return BYTE;
	if ((op & 0xf8) == 0xb8)
		return FULL;
	switch (op) {
	case 0x68:
	case 0x69:
	case 0x81:
	case 0xa9:
	case 0xc7: return OPERAND;
	case 0x6a:
	case 0x6b:
	case 0x80:
	case 0x83:
	case 0xa8:
	case 0xc0:
	case 0xc1:
	case 0xc6:
	case 0xcd:
	case 0xe4:
	case 0xe5:
	case 0xe6:
	case 0xe7: return BYTE;
	case 0xc2:
	case 0xca: return WORD;
	case 0xc8: return ENTER;
	case 0xe8:
	case 0xe9: return RELATIVE;
	case 0xa0:
	case 0xa1:
	case 0xa2:
	case 0xa3: return ADDRESS;
	case 0xf6: return reg < 2 ? BYTE : NONE;
	case 0xf7: return reg < 2 ? OPERAND : NONE;
	}
	return NONE;
}

static enum immediate immediate_0f(uint8_t op)
{
	if ((op & 0xf0) == 0x80)
		return RELATIVE;
	switch (op) {
	case 0x70:
	case 0x71:
	case 0x72:
	case 0x73:
	case 0xa4:
	case 0xac:
	case 0xba:
	case 0xc2:
	case 0xc4:
	case 0xc5:
	case 0xc6: return BYTE;
	}
	return NONE;
}

/* Opcodes that 64-bit code does not have. */
static bool is_invalid(uint8_t op)
{
	static const uint8_t invalid[] = {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f,
		0x37, 0x3f, 0x60, 0x61, 0x82, 0x9a, 0xce, 0xd4, 0xd5, 0xd6, 0xea};

	for (size_t i = 0; i < sizeof invalid; i++)
		if (invalid[i] == op)
			return true;
	return false;
}

/* ---- One instruction ---- */

struct code_reader {
	const uint8_t *p, *end;
	bool failed;
};

static uint8_t next(struct code_reader *c)
{
	if (c->p == c->end) {
		c->failed = true;
		return 0;
	}
	return *c->p++;
}

/* A number of n bytes with its sign. */
static int64_t number(struct code_reader *c, unsigned n)
{
	uint64_t value = 0;

	if (!n)
		return 0;
	for (unsigned i = 0; i < n; i++)
		value |= (uint64_t)next(c) << 8 * i;
	return (int64_t)(value << (64 - 8 * n)) >> (64 - 8 * n);
}

struct prefixes {
	bool small; /* 66 */
	uint8_t rex;
};

static uint8_t read_prefixes(struct code_reader *c, struct instruction *i, struct prefixes *p)
{
	uint8_t byte;

	for (;;) {
		byte = next(c);
		switch (byte) {
		case 0x66: p->small = true; continue;
		case 0x64: i->by_fs = true; continue;
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
		case 0x65:
		case 0xf0:
		case 0xf2:
		case 0xf3: continue;
		}
		if ((byte & 0xf0) != 0x40)
			return byte;
		p->rex = byte; /* counts only right before the opcode */
		byte = next(c);
		return byte;
	}
}

/* VEX and EVEX: the map and the upper bits of registers, which are stored inverted. */
static void read_vector(
	struct code_reader *c, struct instruction *i, struct prefixes *p, uint8_t kind)
{
	uint8_t a = next(c), b = kind == 0xc5 ? 0 : next(c);

	i->vector = true;
	p->rex = (uint8_t)(0x40 | (a & 0x80 ? 0 : 4));
	i->map = 1;
	if (kind != 0xc5) {
		p->rex |= (uint8_t)((a & 0x40 ? 0 : 2) | (a & 0x20 ? 0 : 1) | (b & 0x80 ? 8 : 0));
		i->map = kind == 0x62 ? a & 7 : a & 0x1f;
	}
	if (kind == 0x62)
		next(c);
	i->opcode = next(c);
	c->failed = c->failed || i->map < 1 || i->map > 3;
}

static void read_opcode(struct code_reader *c, struct instruction *i, struct prefixes *p)
{
	uint8_t byte = read_prefixes(c, i, p);

	if (byte == 0xc4 || byte == 0xc5 || byte == 0x62) {
		read_vector(c, i, p, byte);
		return;
	}
	if (byte == 0x0f) {
		i->map = 1;
		byte = next(c);
		if (byte == 0x38 || byte == 0x3a) {
			i->map = byte == 0x38 ? 2 : 3;
			byte = next(c);
		}
	}
	i->opcode = byte;
	c->failed = c->failed || (i->map == 0 && is_invalid(byte));
}

static void read_sib(struct code_reader *c, struct instruction *i, uint8_t rex, unsigned mod)
{
	uint8_t sib = next(c);
	uint8_t index = (uint8_t)((sib >> 3 & 7) | (rex & 2 ? 8 : 0));

	i->index = index == 4 ? CODE_NO_REGISTER : index;
	i->base = (uint8_t)((sib & 7) | (rex & 1 ? 8 : 0));
	if ((sib & 7) == 5 && mod == 0) {
		i->base = CODE_NO_REGISTER;
		i->displacement = (int32_t)number(c, 4);
	}
}

static void read_modrm(struct code_reader *c, struct instruction *i, uint8_t rex)
{
	uint8_t byte = next(c);
	unsigned mod = byte >> 6, rm = byte & 7;

	i->has_modrm = true;
	i->reg = (uint8_t)((byte >> 3 & 7) | (rex & 4 ? 8 : 0));
	i->rm = (uint8_t)(rm | (rex & 1 ? 8 : 0));
	if (mod == 3)
		return;
	i->memory = true;
	i->base = i->rm;
	if (rm == 4)
		read_sib(c, i, rex, mod);
	else if (rm == 5 && mod == 0) {
		i->base = CODE_RIP;
		i->displacement = (int32_t)number(c, 4);
	}
	if (mod)
		i->displacement = (int32_t)number(c, mod == 1 ? 1 : 4);
}

static void read_immediate(struct code_reader *c, struct instruction *i, const struct prefixes *p)
{
	enum immediate kind = i->map == 3   ? BYTE
			      : i->map == 2 ? NONE
			      : i->map == 1 ? immediate_0f(i->opcode)
					    : immediate_one_byte(i->opcode, i->reg & 7);
	unsigned operand = p->small && !i->wide ? 2 : 4;

	switch (kind) {
	case NONE: break;
	case BYTE: i->immediate = number(c, 1); break;
	case WORD: i->immediate = number(c, 2); break;
	case ENTER: i->immediate = number(c, 3); break;
	case OPERAND: i->immediate = number(c, operand); break;
	case FULL: i->immediate = number(c, i->wide ? 8 : operand); break;
	case ADDRESS: i->immediate = number(c, 8); break;
	case RELATIVE: i->immediate = number(c, 4); break;
	}
}

bool code_decode(const uint8_t *p, size_t n, struct instruction *i)
{
	struct code_reader c = {p, p + (n < 15 ? n : 15), false};
	struct prefixes prefixes = {0};
	bool modrm;

	*i = (struct instruction){.base = CODE_NO_REGISTER, .index = CODE_NO_REGISTER};
	read_opcode(&c, i, &prefixes);
	i->wide = prefixes.rex & 8;
	modrm = i->vector     ? i->map != 1 || i->opcode != 0x77
		: i->map == 0 ? has_bit(modrm_one_byte, i->opcode)
		: i->map == 1 ? has_bit(modrm_0f, i->opcode)
			      : true;
	if (modrm)
		read_modrm(&c, i, prefixes.rex);
	read_immediate(&c, i, &prefixes);
	i->length = (size_t)(c.p - p);
	return !c.failed;
}

/* ---- Accesses to a structure ---- */

/* Whether control does not go on behind it, or comes back with registers changed. */
static bool ends_block(const struct instruction *i)
{
	if (i->map)
		return i->map == 1 && !i->vector && i->opcode == 0x0b;
	return i->opcode == 0xc3 || i->opcode == 0xe8 || i->opcode == 0xe9 || i->opcode == 0xeb ||
	       i->opcode == 0xcc || i->opcode == 0xf4 ||
	       (i->opcode == 0xff && (i->reg & 7) >= 2 && (i->reg & 7) <= 5);
}

/* The general register that it sets, or CODE_NO_REGISTER: it may be more than one, or none. */
static uint8_t register_set(const struct instruction *i, const uint8_t *bytes)
{
	uint8_t op = i->opcode;

	if (i->vector)
		return i->reg; /* some do, and taking all for such costs little */
	if (i->map == 1)
		return (op & 0xf0) == 0x40 || op == 0xaf || (op & 0xf6) == 0xb6 || op == 0xbc ||
				       op == 0xbd
			       ? i->reg
		       : (op & 0xf0) == 0x90 && !i->memory ? i->rm
							   : CODE_NO_REGISTER;
	if (i->map)
		return CODE_NO_REGISTER;
	if ((op & 0xf8) == 0x58 || (op & 0xf0) == 0xb0)
		return (uint8_t)((op & 7) | (i->length > 1 && (bytes[0] & 0xf1) == 0x41 ? 8 : 0));
	if (op == 0x8b || op == 0x8a || op == 0x8d || op == 0x63 || op == 0x69 || op == 0x6b)
		return i->reg;
	if (op < 0x38 && (op & 7) < 4)
		return op & 2 ? i->reg : i->memory ? CODE_NO_REGISTER : i->rm;
	if (i->has_modrm && !i->memory &&
		(op == 0x89 || op == 0x88 || (op >= 0x80 && op <= 0x83) ||
			(op >= 0xc0 && op <= 0xd3) || op >= 0xf6))
		return i->rm;
	return CODE_NO_REGISTER;
}

void code_each_access(const struct code *c,
	bool (*f)(void *data, size_t where, const struct instruction *i, int32_t offset),
	void *data)
{
	bool holds[CODE_REGISTERS] = {false};
	struct instruction i;

	for (size_t at = 0; at < c->size; at += i.length) {
		uint8_t set;

		if (!code_decode(c->bytes + at, c->size - at, &i)) {
			i.length = 1;
			memset(holds, 0, sizeof holds);
			continue;
		}
		if (i.memory && i.base < CODE_REGISTERS && holds[i.base] && !i.by_fs &&
			!f(data, at, &i, i.displacement))
			return;
		set = register_set(&i, c->bytes + at);
		if (set < CODE_REGISTERS)
			holds[set] =
				!i.map && !i.vector && i.opcode == 0x8b && i.wide && i.memory &&
				i.base == CODE_RIP &&
				c->address + at + i.length + (uintptr_t)(intptr_t)i.displacement ==
					c->pointer;
		if (ends_block(&i))
			memset(holds, 0, sizeof holds);
	}
}
