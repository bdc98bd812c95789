/* code.c (x86_64): lengths and operands of instructions, and accesses to a structure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "libc/glibc/x86_64/code.h"

#include <cmocka.h>

struct line {
	const char *text; /* as a disassembler has it */
	uint8_t bytes[16];
	uint8_t length;
	uint8_t base; /* of the memory operand; CODE_NO_REGISTER: none */
	int32_t displacement;
	int64_t immediate;
};

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, NO = CODE_NO_REGISTER };

static const struct line lines[] = {
	{"nop", {0x90}, 1, NO, 0, 0},
	{"push %r13", {0x41, 0x55}, 2, NO, 0, 0},
	{"ret", {0xc3}, 1, NO, 0, 0},
	{"mov 0x18(%rbx),%rbx", {0x48, 0x8b, 0x5b, 0x18}, 4, RBX, 0x18, 0},
	{"mov 0x3a0(%rdx),%rax", {0x48, 0x8b, 0x82, 0xa0, 3, 0, 0}, 7, RDX, 0x3a0, 0},
	{"mov 0x156739(%rip),%rdx", {0x48, 0x8b, 0x15, 0x39, 0x67, 0x15, 0}, 7, CODE_RIP, 0x156739,
		0},
	{"mov -8(%rbp),%eax", {0x8b, 0x45, 0xf8}, 3, RBP, -8, 0},
	{"mov 0x0(%r13),%rbx", {0x49, 0x8b, 0x5d, 0}, 4, R13, 0, 0},
	{"mov (%r12),%rax", {0x49, 0x8b, 0x04, 0x24}, 4, R12, 0, 0},
	{"mov 0x10(%rsp,%rax,8),%rcx", {0x48, 0x8b, 0x4c, 0xc4, 0x10}, 5, RSP, 0x10, 0},
	{"mov 0x1234(,%rax,8),%rax", {0x48, 0x8b, 0x04, 0xc5, 0x34, 0x12, 0, 0}, 8, NO, 0x1234, 0},
	{"mov %fs:0x28,%rax", {0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0}, 9, NO, 0x28, 0},
	{"testb $0x8,0x356(%rbx)", {0xf6, 0x83, 0x56, 3, 0, 0, 8}, 7, RBX, 0x356, 8},
	{"test $0x8,%al", {0xa8, 8}, 2, NO, 0, 8},
	{"not %rax", {0x48, 0xf7, 0xd0}, 3, NO, 0, 0},
	{"testq $0x12345,(%rax)", {0x48, 0xf7, 0, 0x45, 0x23, 1, 0}, 7, RAX, 0, 0x12345},
	{"cmpq $0x0,0x29f9e(%rip)", {0x48, 0x83, 0x3d, 0x9e, 0x9f, 2, 0, 0}, 8, CODE_RIP, 0x29f9e,
		0},
	{"cmpl $-1,(%rdi)", {0x83, 0x3f, 0xff}, 3, RDI, 0, -1},
	{"movw $0x1234,(%rax)", {0x66, 0xc7, 0, 0x34, 0x12}, 5, RAX, 0, 0x1234},
	{"movl $0x1234,(%rax)", {0xc7, 0, 0x34, 0x12, 0, 0}, 6, RAX, 0, 0x1234},
	{"movabs $0x1122334455667788,%rax",
		{0x48, 0xb8, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11}, 10, NO, 0,
		0x1122334455667788},
	{"mov $0x1,%r8d", {0x41, 0xb8, 1, 0, 0, 0}, 6, NO, 0, 1},
	{"movabs 0x1122334455667788,%al", {0xa0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11}, 9,
		NO, 0, 0x1122334455667788},
	{"imul $0x64,0x8(%rax),%rcx", {0x48, 0x6b, 0x48, 8, 0x64}, 5, RAX, 8, 0x64},
	{"call", {0xe8, 0x3a, 0x60, 1, 0}, 5, NO, 0, 0x1603a},
	{"je", {0x74, 0x62}, 2, NO, 0, 0x62},
	{"jne, far", {0x0f, 0x85, 0, 1, 0, 0}, 6, NO, 0, 0x100},
	{"enter", {0xc8, 0x10, 0, 0}, 4, NO, 0, 0x10},
	{"jmp *0x398(%rax)", {0xff, 0xa0, 0x98, 3, 0, 0}, 6, RAX, 0x398, 0},
	{"nopw %cs:0x0(%rax,%rax,1)", {0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0}, 10, RAX, 0, 0},
	{"endbr64", {0xf3, 0x0f, 0x1e, 0xfa}, 4, NO, 0, 0},
	{"syscall", {0x0f, 0x05}, 2, NO, 0, 0},
	{"cpuid", {0x0f, 0xa2}, 2, NO, 0, 0},
	{"lock cmpxchg %edx,(%rdi)", {0xf0, 0x0f, 0xb1, 0x17}, 4, RDI, 0, 0},
	{"bt $5,(%rax)", {0x0f, 0xba, 0x20, 5}, 4, RAX, 0, 5},
	{"pshufb (%rcx),%xmm0", {0x66, 0x0f, 0x38, 0, 1}, 5, RCX, 0, 0},
	{"pcmpistri $0x1a,(%rdi),%xmm1", {0x66, 0x0f, 0x3a, 0x63, 0x0f, 0x1a}, 6, RDI, 0, 0x1a},
	{"vzeroupper", {0xc5, 0xf8, 0x77}, 3, NO, 0, 0},
	{"vmovdqu 0x20(%rsi),%ymm1", {0xc5, 0xfe, 0x6f, 0x4e, 0x20}, 5, RSI, 0x20, 0},
	{"vmovdqu (%r8),%ymm1", {0xc4, 0xc1, 0x7e, 0x6f, 8}, 5, R8, 0, 0},
	{"vpalignr $1,(%rax),%ymm0,%ymm0", {0xc4, 0xe3, 0x7d, 0x0f, 0, 1}, 6, RAX, 0, 1},
	{"bzhi %rdx,(%rax),%rcx", {0xc4, 0xe2, 0xe8, 0xf5, 8}, 5, RAX, 0, 0},
	{"vmovdqu64 0x40(%rsi),%zmm16", {0x62, 0xe1, 0xfe, 0x48, 0x6f, 0x46, 1}, 7, RSI, 1, 0},
	{"vpternlogd $0xde,%zmm1,%zmm2,%zmm3", {0x62, 0xf3, 0x6d, 0x48, 0x25, 0xd9, 0xde}, 7, NO, 0,
		-0x22},
};

static void instructions(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
		const struct line *l = &lines[k];
		/* The block ends with the instruction, so that a byte too many is seen. */
		uint8_t *bytes = malloc(l->length);
		struct instruction i;

		memcpy(bytes, l->bytes, l->length);
		if (!code_decode(bytes, l->length, &i) || i.length != l->length)
			fail_msg("%s: %zu bytes", l->text, i.length);
		if (i.base != l->base || i.displacement != l->displacement ||
			i.immediate != l->immediate)
			fail_msg("%s: base %u, displacement %d, immediate %ld", l->text, i.base,
				i.displacement, i.immediate);
		for (size_t n = 0; n < l->length; n++)
			assert_false(code_decode(bytes, n, &i) && i.length > n);
		free(bytes);
	}
}

/* Whatever the bytes are, none behind them is read, and an instruction has 1 to 15. */
static void any_bytes(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (unsigned k = 0; k < 200000; k++) {
		size_t n = k % 16;
		uint8_t *bytes = malloc(n);
		struct instruction i;

		for (size_t b = 0; b < n; b++)
			bytes[b] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
		if (code_decode(bytes, n, &i))
			assert_true(i.length >= 1 && i.length <= n && i.length <= 15);
		free(bytes);
	}
}

static void registers_and_prefixes(void **state)
{
	const uint8_t fs[] = {0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0},
		      move[] = {0x4d, 0x89, 0xca};
	const uint8_t index[] = {0x4a, 0x8b, 0x04, 0xa0}, invalid[] = {0x06};
	struct instruction i;

	(void)state;
	assert_true(code_decode(fs, sizeof fs, &i));
	assert_true(i.by_fs && i.memory && i.wide && i.reg == RAX);
	assert_true(code_decode(move, sizeof move, &i));
	assert_true(!i.memory && i.has_modrm && i.reg == R9 && i.rm == R10);
	assert_true(code_decode(index, sizeof index, &i)); /* mov (%rax,%r12,4),%rax */
	assert_true(i.base == RAX && i.index == R12);
	assert_false(code_decode(invalid, sizeof invalid, &i));
}

struct seen {
	int32_t offset[8];
	size_t count, most;
};

static bool see(void *data, size_t where, const struct instruction *i, int32_t offset)
{
	struct seen *s = data;

	(void)where;
	(void)i;
	s->offset[s->count++] = offset;
	return s->count < s->most;
}

/* The structure's address is at 0x2000; the code begins at 0x1000. */
static struct seen accesses(const uint8_t *bytes, size_t n, size_t most)
{
	const struct code c = {bytes, n, 0x1000, 0x2000};
	struct seen s = {.most = most};

	code_each_access(&c, see, &s);
	return s;
}

#define LOAD_RDX 0x48, 0x8b, 0x15, 0xf9, 0x0f, 0, 0 /* mov 0x2000,%rdx at 0x1000 */

static void accesses_of_a_structure(void **state)
{
	const uint8_t both[] = {LOAD_RDX, 0x48, 0x8b, 0x82, 0xa0, 3, 0, 0, 0x83, 0x7a, 0x10, 0};
	const uint8_t overwritten[] = {LOAD_RDX, 0x48, 0x89, 0xc2, 0x48, 0x8b, 0x42, 8};
	const uint8_t other_word[] = {0x48, 0x8b, 0x15, 0xf1, 0x0f, 0, 0, 0x48, 0x8b, 0x42, 8};
	const uint8_t after_call[] = {LOAD_RDX, 0xe8, 0, 0, 0, 0, 0x48, 0x8b, 0x42, 8};
	const uint8_t popped[] = {LOAD_RDX, 0x5a, 0x48, 0x8b, 0x42, 8};
	const uint8_t jump[] = {LOAD_RDX, 0xff, 0xa2, 0x98, 3, 0, 0};
	struct seen s = accesses(both, sizeof both, 8);

	(void)state;
	assert_true(s.count == 2 && s.offset[0] == 0x3a0 && s.offset[1] == 0x10);
	assert_int_equal(accesses(both, sizeof both, 1).count, 1);
	assert_int_equal(accesses(overwritten, sizeof overwritten, 8).count, 0);
	assert_int_equal(accesses(other_word, sizeof other_word, 8).count, 0);
	assert_int_equal(accesses(after_call, sizeof after_call, 8).count, 0);
	assert_int_equal(accesses(popped, sizeof popped, 8).count, 0);
	s = accesses(jump, sizeof jump, 8);
	assert_true(s.count == 1 && s.offset[0] == 0x398);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(instructions),
		cmocka_unit_test(any_bytes), cmocka_unit_test(registers_and_prefixes),
		cmocka_unit_test(accesses_of_a_structure)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
