"""Damages a library record by record: an entry of the dynamic section, a word of a hash table, a symbol, a
relocation, a version, a program header.  Each is still of its kind, and most damaged libraries can be
opened: what is wrong with them shows later, in a lookup, a call or a dlclose."""
import random
import struct

from elf import PT_DYNAMIC, PT_GNU_RELRO, PT_LOAD, PT_TLS, TAGS, Elf
from mutator import INTERESTING, break_file

PT_NOTE = 4
DT_BIND_NOW, DT_TEXTREL, DT_SYMBOLIC, DT_FLAGS, DT_FLAGS_1 = 24, 22, 16, 30, 0x6ffffffb
RELOCATIONS = [0, 1, 2, 5, 6, 7, 8, 10, 16, 17, 18, 32, 36, 37]  # x86_64 psABI, table 4.9
TEXTREL, NOW, NODELETE, GLOBAL, INITFIRST, NOOPEN, PIE = 4, 8, 8, 2, 0x20, 0x40, 0x08000000


class Library:
    """Where the records of a library are."""

    def __init__(self, data):
        self.elf = elf = Elf(data)
        self.data = bytes(data)
        at = elf.segment(PT_DYNAMIC, 0, "p_offset")
        self.dynamic = list(range(at, at + elf.segment(PT_DYNAMIC, 0, "p_filesz"), 16))
        self.tags = {}
        for entry in self.dynamic:
            self.tags.setdefault(elf.get(entry, "Q"), elf.get(entry + 8, "Q"))
        self.strings, self.string_bytes = elf.table("DT_STRTAB"), elf.dynamic("DT_STRSZ")
        self.symbols = elf.table("DT_SYMTAB")
        self.count = (self.strings - self.symbols) // 24  # the linker puts the strings behind the symbols
        self.relocations = [at + i for name, size in (("DT_RELA", 8), ("DT_JMPREL", 2)) if TAGS[name] in self.tags
                            for at in [elf.table(name)] for i in range(0, self.tags[size], 24)]
        self.words = {name: self.words_of(name) for name in ("DT_HASH", "DT_GNU_HASH", "DT_VERSYM", "DT_VERDEF",
                                                             "DT_VERNEED") if TAGS[name] in self.tags}
        self.headers = [elf.segments(kind) for kind in (PT_LOAD, PT_TLS, PT_GNU_RELRO, PT_NOTE)]

    def words_of(self, name):
        """(offset, how many, struct's letter)"""
        at, elf = self.elf.table(name), self.elf
        if name == "DT_HASH":
            return at, 2 + elf.get(at, "I") + elf.get(at + 4, "I"), "I"
        if name == "DT_GNU_HASH":
            buckets, offset, bloom = elf.get(at, "I"), elf.get(at + 4, "I"), elf.get(at + 8, "I")
            return at, 4 + 2 * bloom + buckets + self.count - offset, "I"
        if name == "DT_VERSYM":
            return at, self.count, "H"
        return at, 14, "H"


# ---- One change: (random numbers, library, the bytes to change) ----

def put(out, at, form, value):
    size = struct.calcsize(form)
    if 0 <= at and at + size <= len(out):
        out[at:at + size] = (value % (1 << 8 * size)).to_bytes(size, "little")


def address(rng, lib):
    """One that a library has a use for, or next to it."""
    elf = lib.elf
    ends = [start + n for headers in lib.headers for at in headers
            for start in [elf.get(at + 16, "Q")] for n in (0, elf.get(at + 40, "Q"))]
    start = rng.choice(ends + [v for v in lib.tags.values() if v < len(lib.data) * 2])
    return start + rng.choice([0, 0, 0, 8, -8, 16, 4, 1, 24, -24])


def change_table(name):
    def change(rng, lib, out):
        if name not in lib.words:
            return change_symbol(rng, lib, out)
        at, n, form = lib.words[name]
        size = struct.calcsize(form)
        value = rng.choice([0, 1, 2, rng.randrange(lib.count), lib.count, lib.count + 1, lib.count - 1, 0x7fff,
                            0x8000, 0x7fffffff, 0x80000000, 0xffffffff, rng.randrange(1 << 32)])
        if name == "DT_VERSYM":
            value = rng.choice([0, 1, 2, 3, 4, 5, 0x8001, 0x8002, 0x8003, 0x7fff, 0xffff])
        for _ in range(rng.choice([1, 1, 2, n])):
            put(out, at + size * rng.randrange(n), form, value)
    return change


def close_circle(rng, lib, out):
    """A chain that leads to itself, or no chain of DT_GNU_HASH that ends."""
    if "DT_HASH" in lib.words:
        at, n, _ = lib.words["DT_HASH"]
        buckets = lib.elf.get(at, "I")
        for i in range(n - 2 - buckets):
            put(out, at + 8 + 4 * (buckets + i), "I", i if rng.random() < 0.5 else rng.randrange(lib.count))
    elif "DT_GNU_HASH" in lib.words:
        at, n, _ = lib.words["DT_GNU_HASH"]
        for i in range(n - lib.count, n):
            put(out, at + 4 * i, "I", lib.elf.get(at + 4 * i, "I") & ~1)


def change_symbol(rng, lib, out):
    at = lib.symbols + 24 * rng.randrange(lib.count)
    field, form, values = rng.choice([
        (0, "I", [0, 1, lib.string_bytes - 1, lib.string_bytes, lib.string_bytes + 1, 0xffffffff,
                  lib.elf.get(lib.symbols + 24 * rng.randrange(lib.count), "I")]),
        (4, "B", [bind << 4 | kind for bind in (0, 1, 2, 10, 13) for kind in (0, 1, 2, 3, 4, 6, 10)]),
        (5, "B", [0, 1, 2, 3, 0xff, 0x80]), (6, "H", [0, 1, 5, 0xfff1, 0xfff2, 0xffff]),
        (8, "Q", [0, address(rng, lib), rng.choice(INTERESTING)]), (16, "Q", [0, 1, 8, rng.choice(INTERESTING)])])
    put(out, at + field, form, rng.choice(values))


def change_relocation(rng, lib, out):
    at = rng.choice(lib.relocations)
    what = rng.randrange(5)
    if what == 0:
        put(out, at, "Q", rng.choice([address(rng, lib), lib.elf.get(rng.choice(lib.relocations), "Q"),
                                      lib.elf.get(at, "Q") + rng.choice([1, 4, 8, -8])]))
    elif what == 1:
        put(out, at + 8, "I", rng.choice(RELOCATIONS))
    elif what == 2:
        put(out, at + 12, "I", rng.choice([0, rng.randrange(lib.count), lib.count, 0xffffff, 0xffffffff]))
    elif what == 3:
        put(out, at + 16, "Q", rng.choice([0, address(rng, lib), rng.choice(INTERESTING)]))
    else:
        out[at:at + 24] = lib.data[(other := rng.choice(lib.relocations)):other + 24]


def change_dynamic(rng, lib, out):
    at, other = rng.choice(lib.dynamic), rng.choice(lib.dynamic)
    what = rng.randrange(6)
    if what == 0:
        put(out, at, "Q", rng.choice([*lib.tags, DT_BIND_NOW, DT_TEXTREL, DT_SYMBOLIC]))
    elif what == 1:
        put(out, at + 8, "Q", rng.choice([address(rng, lib), 0, rng.choice(INTERESTING)]))
    elif what == 2:
        put(out, at + 8, "Q", lib.elf.get(at + 8, "Q") + rng.choice([1, 8, -8, 24, -24, 16]))
    elif what == 3:
        put(out, at + 8, "Q", lib.elf.get(other + 8, "Q"))
    else:  # the last, which is one of several DT_NULL
        tag, values = rng.choice([(DT_FLAGS_1, [NODELETE, GLOBAL, INITFIRST, NOOPEN, PIE]),
                                  (DT_FLAGS, [TEXTREL, NOW, 2, 16]), (DT_TEXTREL, [0])])
        end = next(e for e in lib.dynamic if not lib.elf.get(e, "Q"))
        put(out, end, "Q", tag)
        put(out, end + 8, "Q", rng.choice(values))


def change_header(rng, lib, out):
    at = rng.choice(rng.choice([h for h in lib.headers if h]))
    field, form, values = rng.choice([
        (0, "I", [0, 4, 6, 7, 0x6474e550, 0x6474e551, 0x6474e552, 0x6474e553]), (4, "I", [0, 1, 4, 5, 6, 7]),
        (16, "Q", [address(rng, lib)]), (32, "Q", [0, 1, 8, 0x1000, rng.choice(INTERESTING)]),
        (40, "Q", [0, 1, 8, 0x1000, 0x20000, rng.choice(INTERESTING)]),
        (48, "Q", [0, 1, 3, 8, 64, 4096, 1 << 20, 1 << 30])])
    put(out, at + field, form, rng.choice(values))


def put_slot_in_text(rng, lib, out):
    """A lazy slot where it cannot be written later."""
    end = next(e for e in lib.dynamic if not lib.elf.get(e, "Q"))
    put(out, end, "Q", DT_TEXTREL)
    slot = lib.elf.table("DT_JMPREL") + 24 * rng.randrange(lib.tags[2] // 24)
    put(out, slot, "Q", lib.elf.get(rng.choice(lib.headers[0]) + 16, "Q") + 8 * rng.randrange(512))


TABLES = ("DT_HASH", "DT_GNU_HASH", "DT_GNU_HASH", "DT_VERSYM", "DT_VERDEF", "DT_VERNEED")
CHANGES = [*map(change_table, TABLES), close_circle, *[change_symbol] * 3, *[change_relocation] * 3,
           *[change_dynamic] * 2, *[change_header] * 2, put_slot_in_text]


def damage(lib, regions, seed):
    """A damaged copy of the library, the same for the same seed."""
    rng = random.Random(seed)
    if rng.random() < 0.15:
        return break_file(lib.data, regions, seed)
    out = bytearray(lib.data)
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 4])):
        rng.choice(CHANGES)(rng, lib, out)
    return bytes(out)
