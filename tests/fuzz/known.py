"""Damage that once broke the loader, or that has to be met with a message: each a change to a library of
sequences.py, operations (seeds/host.c; BAD, GOOD stand for the libraries), and what must be in the output."""
from damage import DT_TEXTREL, put
from elf import PT_TLS

STT_TLS, STT_GNU_IFUNC, STB_LOCAL, SHN_ABS = 6, 10, 0, 0xfff1
NONE, WORD, JUMP_SLOT, RELATIVE = 0, 1, 7, 8
PT_NULL, PT_GNU_EH_FRAME = 0, 0x6474e550
GIB = 1 << 30


def symbol(lib, name):
    """The offset of a symbol."""
    wanted = name.encode() + b"\0"
    for at in range(lib.symbols, lib.symbols + 24 * lib.count, 24):
        start = lib.strings + lib.elf.get(at, "I")
        if lib.data[start:start + len(wanted)] == wanted:
            return at
    raise KeyError(name)


def slot(lib, name):
    """The offset of the relocation of its PLT slot."""
    index = (symbol(lib, name) - lib.symbols) // 24
    return next(r for r in lib.relocations if lib.elf.get(r + 8, "Q") == index << 32 | JUMP_SLOT)


def add_dynamic(lib, out, tag, value):
    end = next(e for e in lib.dynamic if not lib.elf.get(e, "Q"))
    put(out, end, "Q", tag)
    put(out, end + 8, "Q", value)


def tls_header(lib):
    return lib.elf.segments(PT_TLS)[0]


def is_local(name):
    return lambda lib, out: put(out, symbol(lib, name) + 4, "B", STB_LOCAL << 4 | 2)


def is_zero(lib, out):
    put(out, symbol(lib, "seed_function") + 6, "H", SHN_ABS)
    put(out, symbol(lib, "seed_function") + 8, "Q", 0)


def is_thread_local(lib, out):
    put(out, symbol(lib, "seed_data") + 4, "B", 1 << 4 | STT_TLS)
    put(out, tls_header(lib), "I", PT_NULL)
    for r in lib.relocations:  # those to TLS would be refused at once
        if lib.elf.get(r + 8, "I") in (16, 17, 18, 36):
            put(out, r + 8, "I", NONE)


def resolver_in_data(lib, out):
    put(out, symbol(lib, "seed_function") + 4, "B", 1 << 4 | STT_GNU_IFUNC)
    put(out, symbol(lib, "seed_function") + 8, "Q", lib.elf.get(symbol(lib, "seed_data") + 8, "Q"))


def slot_at(lib, out, place, kind):
    """The slot of seed_function leads to its code by another relocation; its own has this place and type."""
    at, old = slot(lib, "seed_function"), lib.elf.get(slot(lib, "seed_function"), "Q")
    other = next(r for r in lib.relocations if lib.elf.get(r + 8, "I") == WORD)
    put(out, other, "Q", old)
    put(out, other + 8, "Q", RELATIVE)
    put(out, other + 16, "Q", lib.elf.get(lib.elf.file_offset(old), "Q"))
    put(out, at, "Q", place)
    put(out, at + 8, "I", kind)


def slot_in_text(lib, out):
    """Which DT_TEXTREL makes writable, but only while the library is relocated."""
    add_dynamic(lib, out, DT_TEXTREL, 0)
    slot_at(lib, out, lib.elf.segment(PT_GNU_EH_FRAME, 0, "p_vaddr") + 15 & -8, JUMP_SLOT)


def unprepared_slot(lib, out):
    slot_at(lib, out, 0x7fff_ffff_f000, NONE)


def huge_alignment(lib, out):
    put(out, tls_header(lib) + 48, "Q", GIB)


def nothing(lib, out):
    pass


def unprintable_name(lib, out):
    at = lib.strings + lib.elf.get(symbol(lib, "needed_function"), "I")
    put(out, at, "B", 0x1b)


def hash_sysv(name):
    """gABI, "Hash Table"."""
    h = 0
    for c in name.encode():
        h = (h << 4) + c
        h = (h ^ (h & 0xf0000000) >> 24) & 0x0fffffff
    return h


def circular_chain(lib, out):
    """That of DT_HASH in which seed_tls_sum is looked for; of its symbols seed_pointers alone is needed earlier."""
    at = lib.words["DT_HASH"][0]
    buckets, index = lib.elf.get(at, "I"), (symbol(lib, "seed_pointers") - lib.symbols) // 24
    put(out, at + 8 + 4 * (hash_sysv("seed_tls_sum") % buckets), "I", index)
    put(out, at + 8 + 4 * (buckets + index), "I", index)


CALL_SAYS = r"(?m)^calls\n.*libbad\.so: "
REFUSED = r"refused: \S*libbad\.so: "
CALL = ["o,0,1,BAD", "s,0,seed_lazy", "f"]

# Name, library, change, operations; what the output has, what it has not (regular expressions).
KNOWN = [
    ("lazy call of an undefined local symbol", "sysv.so", is_local("needed_function"),
     ["o,0,1,BAD", "s,0,seed_lazy_needed", "f"],
     CALL_SAYS + "call of the undefined local symbol needed_function$", None),
    ("lazy call of a symbol whose address is 0", "sysv.so", is_zero, CALL,
     CALL_SAYS + "call of the symbol seed_function, whose address is 0$", None),
    ("lazy call of an IFUNC whose resolver is data", "sysv.so", resolver_in_data, CALL,
     CALL_SAYS + r"symbol seed_function: resolver 0x\w+: not in an executable segment$", None),
    ("dlsym of an IFUNC whose resolver is data", "sysv.so", resolver_in_data,
     ["o,0,1,BAD", "s,0,seed_function"],
     REFUSED + r"symbol seed_function: resolver 0x\w+: not in an executable segment\n", None),
    ("dlsym of a TLS symbol without PT_TLS", "gnu.so", is_thread_local, ["o,0,1,BAD", "s,0,seed_data"],
     REFUSED + r"symbol seed_data: thread-local, but the object has no PT_TLS\n", None),
    ("slot in the text with DT_TEXTREL", "gnu.so", slot_in_text, CALL,
     CALL_SAYS + r"PLT slot \d+: relocation type 7 at 0x\w+: ", None),
    ("slot that no relocation prepared", "gnu.so", unprepared_slot, CALL,
     CALL_SAYS + r"PLT slot \d+: relocation type 0 at 0x7ffffffff000: ", None),
    ("search path before any search", "gnu.so", nothing, ["o,0,1,BAD", "i,0,4"], r"done\nend\n", None),
    ("TLS with an alignment of 1 GiB", "gnu.so", huge_alignment, ["o,0,1,BAD", "s,0,seed_tls"],
     r"done\nend\n", None),
    ("control character in a name", "gnu.so", unprintable_name, ["o,0,2,BAD"],
     r"refused: .*libbad\.so: .*\?eeded_function", "\x1b"),
    ("damage met in a lookup that another library answers", "sysv.so", circular_chain,
     ["o,0,101,BAD", "o,1,101,GOOD", "s,D,seed_tls_sum", "s,1,no_such_symbol"],
     r"refused: \S*libgood\.so: undefined symbol: no_such_symbol\nend\n", "DT_HASH"),
]
