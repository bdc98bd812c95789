"""The floors under a program's start: a static program that does only what no loader can avoid.

The objects of the start (the program, its libraries) are read here, by their program headers and
relocations; out comes a C file of tables for floor.c, and a file of the size of a snapshot.
"""
import dataclasses
import os
import pathlib
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.append(str(TOP / "tests/lib"))

import elf

PAGE = os.sysconf("SC_PAGESIZE")
DT_RELASZ, DT_PLTRELSZ = 8, 2
DT_RELA, DT_JMPREL, DT_RELR, DT_RELRSZ = 7, 23, 36, 35
WRITE = 2  # PF_W


def down(address):
    return address & -PAGE


def up(address):
    return (address + PAGE - 1) & -PAGE


@dataclasses.dataclass
class Map:
    kind: str
    prot: int
    at: int
    length: int
    offset: int


@dataclasses.dataclass
class Object:
    path: str
    maps: list
    runs: list  # of (page's offset from the first, pages)
    relocations: int
    named: int  # of these by a symbol
    pages: int


def prot_of(flags):
    return (1 if flags & 4 else 0) | (2 if flags & WRITE else 0) | (4 if flags & 1 else 0)


class File(elf.Elf):
    """An object as loaders see it."""

    def __init__(self, path):
        super().__init__(pathlib.Path(path).read_bytes())
        self.path = path
        self.loads = [{field: self.segment(elf.PT_LOAD, i, field) for field in elf.PHDR}
                      for i in range(len(self.segments(elf.PT_LOAD)))]
        self.start = down(self.loads[0]["p_vaddr"])
        at = self.segment(elf.PT_DYNAMIC, 0, "p_offset")
        end = at + self.segment(elf.PT_DYNAMIC, 0, "p_filesz")
        self.tags = dict(struct.iter_unpack("<QQ", self.data[at:end]))

    def maps(self):
        found = []
        for load in self.loads:
            prot = prot_of(load["p_flags"])
            start = down(load["p_vaddr"])
            end = up(load["p_vaddr"] + load["p_filesz"])
            zeros = up(load["p_vaddr"] + load["p_memsz"])
            if end > start:
                kind = "FLOOR_DATA" if load["p_flags"] & WRITE else "FLOOR_TEXT"
                found.append(Map(kind, prot, start - self.start, end - start, down(load["p_offset"])))
            if zeros > end:
                found.append(Map("FLOOR_ZEROS", prot, end - self.start, zeros - end, 0))
        last = found[-1]
        found[0].length = last.at + last.length
        return found

    def table(self, tag, size):
        if tag not in self.tags or not self.tags.get(size):
            return b""
        at = self.file_offset(self.tags[tag])
        return self.data[at:at + self.tags[size]]

    def places(self):
        """Addresses that relocations write to."""
        for tag, size in (DT_RELA, DT_RELASZ), (DT_JMPREL, DT_PLTRELSZ):
            for offset, _, _ in struct.iter_unpack("<QQq", self.table(tag, size)):
                yield offset
        where = 0
        for (word,) in struct.iter_unpack("<Q", self.table(DT_RELR, DT_RELRSZ)):
            if not word & 1:
                yield word
                where = word + 8
                continue
            yield from (where + 8 * bit for bit in range(63) if word >> (bit + 1) & 1)
            where += 63 * 8

    def is_writable(self, address):
        return any(load["p_flags"] & WRITE and
                   down(load["p_vaddr"]) <= address < load["p_vaddr"] + load["p_memsz"]
                   for load in self.loads)

    def describe(self):
        count, pages = 0, set()
        for place in self.places():
            count += 1
            pages.add(place // PAGE)
        wanted = sorted(page * PAGE - self.start for page in pages if self.is_writable(page * PAGE))
        runs = []
        for at in wanted:
            if runs and runs[-1][0] + runs[-1][1] * PAGE == at:
                runs[-1][1] += 1
            else:
                runs.append([at, 1])
        named = sum(1 for tag, size in ((DT_RELA, DT_RELASZ), (DT_JMPREL, DT_PLTRELSZ))
                    for _, info, _ in struct.iter_unpack("<QQq", self.table(tag, size)) if info >> 32)
        return Object(str(self.path), self.maps(), runs, count, named, len(wanted))


def quoted(path):
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def source(objects, snapshot):
    """-> (the C file's text, the snapshot's size)"""
    lines = ['#include "floor.h"', "", f"const unsigned long floor_page = {PAGE};",
             f"const char floor_snapshot[] = {quoted(snapshot)};",
             f"const unsigned floor_count = {len(objects)};"]
    kept = 0
    for i, o in enumerate(objects):
        lines.append(f"static const struct floor_map maps{i}[] = {{")
        for m in o.maps:
            data = m.kind == "FLOOR_DATA"
            lines.append(f"\t{{{m.kind}, {m.prot}, {m.at:#x}, {m.length:#x}, {m.offset:#x}, "
                         f"{kept if data else 0:#x}}},")
            kept += m.length if data else 0
        lines.append("};")
        if o.runs:
            lines.append(f"static const struct floor_run runs{i}[] = {{"
                         + ", ".join(f"{{{at:#x}, {pages}}}" for at, pages in o.runs) + "};")
    lines.append("const struct floor_object floor_objects[] = {")
    for i, o in enumerate(objects):
        runs = f"runs{i}" if o.runs else "0"
        lines.append(f"\t{{{quoted(o.path)}, maps{i}, {runs}, {len(o.maps)}, {len(o.runs)}}},")
    return "\n".join(lines) + "\n};\n", kept


def build(folder, paths):
    """Makes folder/floor for a start of the files (the program first) -> their descriptions"""
    objects = [File(path).describe() for path in paths]
    folder.mkdir(parents=True, exist_ok=True)
    text, size = source(objects, folder / "floor.snapshot")
    (folder / "floor.tables.c").write_text(text)
    with (folder / "floor.snapshot").open("wb") as kept:
        kept.write(bytes(range(1, 256)) * (size // 255 + 1))
    machine = os.uname().machine
    crt = TOP / "crt"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-static", "-nostdlib", "-no-pie",
                    "-fno-stack-protector", "-ffreestanding", f"-I{HERE}", f"-I{TOP / 'ldso'}", f"-I{TOP / 'ldso/arch'}",
                    f"-I{TOP / 'ldso/arch' / machine}", "-o", folder / "floor",
                    HERE / "floor.c", folder / "floor.tables.c", crt / "start.c",
                    crt / machine / "crt1.S"], check=True)
    return objects
