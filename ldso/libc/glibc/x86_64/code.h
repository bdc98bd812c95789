/* code.h: reads x86_64 machine code, as far as it tells which structures a function accesses. */
#ifndef GLIBC_CODE_H
#define GLIBC_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CODE_RIP = 16, CODE_NO_REGISTER = 17, CODE_REGISTERS = 16 };

/* One instruction. */
struct instruction {
	size_t length; /* bytes */
	uint8_t map;   /* of the opcode: 0, 1 (0F), 2 (0F 38), 3 (0F 3A) */
	uint8_t opcode;
	bool vector; /* VEX or EVEX */
	bool wide;   /* REX.W */
	bool by_fs;  /* the memory operand is relative to FS */

	bool has_modrm;
	bool memory;         /* the operand of ModRM is in memory: base + index + displacement */
	uint8_t reg;         /* the other operand, or an extension of the opcode (its low 3 bits) */
	uint8_t base, index; /* registers, or CODE_NO_REGISTER; base also CODE_RIP */
	uint8_t rm;          /* the register, if it is not in memory */
	int32_t displacement;
	int64_t immediate; /* 0: none */
};

/* Decodes the instruction at p, of which n bytes can be read.  false: it is none that is known, or longer. */
bool code_decode(const uint8_t *p, size_t n, struct instruction *i);

/* Code that lies at an address, and a word in memory that has the address of a structure. */
struct code {
	const uint8_t *bytes;
	size_t size;
	uintptr_t address; /* of its first byte, as that of the word below */
	uintptr_t pointer;
};

/* Calls f with the offset of each access to the structure, as far as its address is loaded and used without
 * a jump in between, until f returns false.  `where` is the position of the instruction. */
void code_each_access(const struct code *c,
	bool (*f)(void *data, size_t where, const struct instruction *i, int32_t offset),
	void *data);

#endif
