"""Breaks ELF files: a few changes in the places that a loader reads, the same for the same seed."""
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from elf import PT_DYNAMIC, Elf  # noqa: E402

DYNAMIC_BYTES = 16
# Tag of a table: (how often it is chosen, tag of its size or, below 4096, bytes).
DT_PLTRELSZ, DT_STRSZ, DT_RELASZ, DT_RELSZ, DT_RELRSZ = 2, 10, 8, 18, 35
DT_INIT_ARRAYSZ, DT_FINI_ARRAYSZ = 27, 28
TABLES = {
    4: (2, 400),                    # DT_HASH
    0x6ffffef5: (3, 400),           # DT_GNU_HASH
    5: (1, -DT_STRSZ),              # DT_STRTAB
    6: (3, 1200),                   # DT_SYMTAB
    7: (3, -DT_RELASZ),             # DT_RELA
    17: (3, -DT_RELSZ),             # DT_REL
    23: (3, -DT_PLTRELSZ),          # DT_JMPREL
    36: (2, -DT_RELRSZ),            # DT_RELR
    25: (1, -DT_INIT_ARRAYSZ),      # DT_INIT_ARRAY
    26: (1, -DT_FINI_ARRAYSZ),      # DT_FINI_ARRAY
    0x6ffffff0: (1, 200),           # DT_VERSYM
    0x6ffffffc: (2, 300),           # DT_VERDEF
    0x6ffffffe: (2, 300),           # DT_VERNEED
}
INTERESTING = [0, 1, 2, 3, 4, 7, 8, 0x10, 0x20, 0x40, 0x7f, 0x80, 0xff, 0x100, 0xfff, 0x1000, 0x1001,
               0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 32,
               0x7fff_ffff_f000, 0x7fff_ffff_ffff, 1 << 47, (1 << 63) - 1, 1 << 63,
               (1 << 64) - 0x1000, (1 << 64) - 8, (1 << 64) - 1]


class Regions:
    """Where in a file the loader looks: (weight, start, end) in bytes."""

    def __init__(self, data):
        self.elf = Elf(data)
        self.found = [(1, 0, len(data)), (3, 0, 64)]
        start, count = self.elf.header("e_phoff"), self.elf.header("e_phnum")
        self._add(6, start, start + 56 * count)
        if self.elf.segments(PT_DYNAMIC) and self.elf.segment(PT_DYNAMIC, 0, "p_filesz"):
            self._dynamic()

    def _add(self, weight, start, end):
        end = min(end, len(self.elf.data))
        if end > start:
            self.found.append((weight, start, end))

    def _dynamic(self):
        at = self.elf.segment(PT_DYNAMIC, 0, "p_offset")
        size = self.elf.segment(PT_DYNAMIC, 0, "p_filesz")
        entries = [struct.unpack_from("<QQ", self.elf.data, e)
                   for e in range(at, at + size, DYNAMIC_BYTES)]
        used = next((i for i, e in enumerate(entries) if e[0] == 0), len(entries))
        tags = dict(entries[:used])
        self._add(6, at, at + (used + 1) * DYNAMIC_BYTES)
        for tag, (weight, bytes_or_tag) in TABLES.items():
            size = bytes_or_tag if bytes_or_tag > 0 else tags.get(-bytes_or_tag, 0)
            if tags.get(tag) and size:
                start = self.elf.file_offset(tags[tag])
                self._add(weight, start, start + size)

    def choose(self, rng):
        weight, start, end = rng.choices(self.found, [r[0] for r in self.found])[0]
        return start, end


def flip_bit(rng, data, start, end):
    at = rng.randrange(start, end)
    data[at] ^= 1 << rng.randrange(8)


def random_byte(rng, data, start, end):
    data[rng.randrange(start, end)] = rng.randrange(256)


def aligned(rng, start, end, size):
    return min(start + rng.randrange(end - start) // size * size, end - size)


def interesting_word(rng, data, start, end):
    size = rng.choice([2, 4, 8, 8])
    if end - start >= size:
        value = rng.choice(INTERESTING) % (1 << 8 * size)
        at = aligned(rng, start, end, size)
        data[at:at + size] = value.to_bytes(size, "little")


def nudge_word(rng, data, start, end):
    size = rng.choice([4, 8])
    if end - start >= size:
        at = aligned(rng, start, end, size)
        value = int.from_bytes(data[at:at + size], "little")
        value += rng.choice([-4096, -64, -16, -8, -4, -2, -1, 1, 2, 4, 8, 16, 64, 4096])
        data[at:at + size] = (value % (1 << 8 * size)).to_bytes(size, "little")


def copy_word(rng, data, start, end):
    size = rng.choice([4, 8])
    if end - start >= size:
        source, to = aligned(rng, start, end, size), aligned(rng, start, end, size)
        data[to:to + size] = data[source:source + size]


def copy_record(rng, data, start, end):
    """A program header, a symbol, a relocation over its neighbour."""
    size = rng.choice([16, 24, 56])
    if end - start >= 2 * size:
        source, to = aligned(rng, start, end, size), aligned(rng, start, end, size)
        data[to:to + size] = data[source:source + size]


CHANGES = [flip_bit, flip_bit, random_byte, interesting_word, interesting_word, nudge_word, copy_word,
           copy_record]


def break_file(data, regions, seed):
    """A broken copy of data."""
    rng = random.Random(seed)
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 5])):
        rng.choice(CHANGES)(rng, out, *regions.choose(rng))
    if rng.random() < 0.04:
        start, end = regions.choose(rng)
        del out[rng.randrange(start, end):]
    return bytes(out)
