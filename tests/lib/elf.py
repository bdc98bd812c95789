"""Just enough of the ELF-64 little-endian format to break a file in one chosen place."""
import struct

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_PHDR, PT_TLS = 1, 2, 3, 6, 7
PT_GNU_RELRO, PT_GNU_STACK = 0x6474e552, 0x6474e551

# Field: (offset, format) in the file header, in a program header, in a symbol and so on.
EHDR = {"ei_class": (4, "B"), "ei_data": (5, "B"), "ei_version": (6, "B"), "e_type": (16, "H"),
        "e_machine": (18, "H"), "e_version": (20, "I"), "e_entry": (24, "Q"), "e_phoff": (32, "Q"),
        "e_ehsize": (52, "H"), "e_phentsize": (54, "H"), "e_phnum": (56, "H")}
PHDR = {"p_type": (0, "I"), "p_flags": (4, "I"), "p_offset": (8, "Q"), "p_vaddr": (16, "Q"),
        "p_filesz": (32, "Q"), "p_memsz": (40, "Q"), "p_align": (48, "Q")}
TAGS = {"DT_NEEDED": 1, "DT_PLTRELSZ": 2, "DT_HASH": 4, "DT_STRTAB": 5, "DT_SYMTAB": 6,
        "DT_RELA": 7, "DT_RELASZ": 8, "DT_RELAENT": 9, "DT_STRSZ": 10, "DT_SYMENT": 11,
        "DT_INIT": 12, "DT_SONAME": 14, "DT_PLTREL": 20, "DT_JMPREL": 23, "DT_INIT_ARRAY": 25,
        "DT_INIT_ARRAYSZ": 27, "DT_RUNPATH": 29, "DT_GNU_HASH": 0x6ffffef5,
        "DT_VERSYM": 0x6ffffff0, "DT_VERDEF": 0x6ffffffc, "DT_VERDEFNUM": 0x6ffffffd,
        "DT_VERNEED": 0x6ffffffe, "DT_VERNEEDNUM": 0x6fffffff}


class Elf:
    """A file's bytes, to be changed by the names of its fields."""

    def __init__(self, data):
        self.data = bytearray(data)

    def get(self, at, form):
        return struct.unpack_from("<" + form, self.data, at)[0]

    def put(self, at, form, value):
        struct.pack_into("<" + form, self.data, at, value)

    def set_header(self, field, value):
        self.put(*EHDR[field], value)

    def header(self, field):
        return self.get(*EHDR[field])

    def segments(self, kind):
        """Offsets of the program headers of a type."""
        start = self.header("e_phoff")
        return [start + 56 * i for i in range(self.header("e_phnum"))
                if self.get(start + 56 * i, "I") == kind]

    def segment(self, kind, index, field):
        offset, form = PHDR[field]
        return self.get(self.segments(kind)[index] + offset, form)

    def set_segment(self, kind, index, field, value):
        offset, form = PHDR[field]
        self.put(self.segments(kind)[index] + offset, form, value)

    def swap_segments(self, kind, i, j):
        a, b = self.segments(kind)[i], self.segments(kind)[j]
        self.data[a:a + 56], self.data[b:b + 56] = self.data[b:b + 56], self.data[a:a + 56]

    def file_offset(self, vaddr):
        for i in range(len(self.segments(PT_LOAD))):
            start = self.segment(PT_LOAD, i, "p_vaddr")
            if start <= vaddr < start + self.segment(PT_LOAD, i, "p_filesz"):
                return vaddr - start + self.segment(PT_LOAD, i, "p_offset")
        raise ValueError(f"address {vaddr:#x} is in no segment")

    def dynamic_entry(self, name):
        """The offset of the first entry with this tag."""
        at = self.segment(PT_DYNAMIC, 0, "p_offset")
        for entry in range(at, at + self.segment(PT_DYNAMIC, 0, "p_filesz"), 16):
            if self.get(entry, "Q") == TAGS[name]:
                return entry
        raise KeyError(name)

    def dynamic(self, name):
        return self.get(self.dynamic_entry(name) + 8, "Q")

    def set_dynamic(self, name, value):
        self.put(self.dynamic_entry(name) + 8, "Q", value)

    def forget_dynamic(self, name):
        self.put(self.dynamic_entry(name), "Q", 0x6fff0000)  # a tag that nobody knows

    def table(self, name):
        """The file offset of what a dynamic entry points to."""
        return self.file_offset(self.dynamic(name))
