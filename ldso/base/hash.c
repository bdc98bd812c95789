/* hash.c: hashes and checksums; see hash.h. */
#include "base/hash.h"
#include "base/mem.h"

uint64_t hash_text(const char *text, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3;
	return h;
}

/* Four independent sums, since each step of one would wait for the multiplication before it.  Every
 * step is a bijection of its input word, so any change of a single word changes the result. */
uint64_t hash_bytes(const void *data, size_t n, uint64_t seed)
{
	uint64_t lane[4] = {seed, seed + 1, seed + 2, seed + 3}, word, sum = n;
	const char *p = data;

	for (size_t i = 0; n; i = (i + 1) & 3) {
		size_t step = n < sizeof word ? n : sizeof word;

		word = 0;
		if (step == sizeof word)
			word = *(const uint64_t *)(const void *)p;
		else
			memcpy(&word, p, step);
		lane[i] = (lane[i] ^ word) * 0x9e3779b97f4a7c15;
		lane[i] ^= lane[i] >> 29;
		p += step;
		n -= step;
	}
	for (size_t i = 0; i < 4; i++)
		sum = (sum ^ lane[i]) * 0x9e3779b97f4a7c15;
	return sum ^ sum >> 32;
}

uint32_t hash_gnu(const char *name, uint32_t *size)
{
	const unsigned char *s = (const unsigned char *)name;
	uint32_t h = 5381;

	for (; *s; s++)
		h = h * 33 + *s;
	*size = (uint32_t)((const char *)s - name) + 1;
	return h;
}

uint32_t hash_sysv(const char *name)
{
	uint32_t h = 0;

	for (const unsigned char *s = (const unsigned char *)name; *s; s++) {
		h = (h << 4) + *s;
		h ^= (h >> 24) & 0xf0;
	}
	return h & 0xfffffff;
}
