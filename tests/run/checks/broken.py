"""Broken files: one rule of the format broken in one copy of a program or of a library.

Each must be refused with one failure on standard error that names the file and the field, and exit
127: no signal, no hang, nothing run.  Where a loader may as well not notice (EITHER) a right answer
will do too, but nothing else.  What tools make and every loader takes (TAKEN) must run.
"""
import functools
import re
import shutil

from elf import PT_DYNAMIC, PT_GNU_RELRO, PT_LOAD, PT_TLS, Elf
from process import execute, is_error_line, text
from toolchain import libc_of

FIXTURE = "broken"

FAR = 0x7fff_ffff_f000      # outside any image
WRAPS = 0xffff_ffff_ffff_f000
EITHER = "either"           # instead of a pattern
TAKEN = "taken"
AT_BINDING = r"st_name|symbol"  # found when symbols are bound, where all that is wrong is reported


def header(field, value):
    return lambda elf: elf.set_header(field, value)


def segment(kind, index, field, value):
    return lambda elf: elf.set_segment(kind, index, field, value)


def dynamic(name, value):
    return lambda elf: elf.set_dynamic(name, value)


def without(name):
    return lambda elf: elf.forget_dynamic(name)


def word(name, offset, value, form="I"):
    """A word of the table that a dynamic entry points to."""
    return lambda elf: elf.put(elf.table(name) + offset, form, value)


def cut(size):
    def change(elf):
        del elf.data[size:]
    return change


def cut_in_last_segment(elf):
    last = len(elf.segments(PT_LOAD)) - 1
    end = elf.segment(PT_LOAD, last, "p_offset") + elf.segment(PT_LOAD, last, "p_filesz")
    del elf.data[end - 8:]


def no_segments(elf):
    for at in elf.segments(PT_LOAD):
        elf.put(at, "I", 0)


def overlap(elf):
    page = 0x1000
    first = elf.segment(PT_LOAD, 0, "p_vaddr")
    offset = elf.segment(PT_LOAD, 1, "p_offset")
    elf.set_segment(PT_LOAD, 1, "p_vaddr", first + offset % page)
    elf.set_segment(PT_LOAD, 1, "p_align", page)


def skewed(elf):
    elf.set_segment(PT_LOAD, 1, "p_offset", elf.segment(PT_LOAD, 1, "p_offset") + 8)


def aligned_to(align):
    """As tools leave it that move data in a file: congruent modulo the page alone."""
    def change(elf):
        for index in range(len(elf.segments(PT_LOAD))):
            elf.set_segment(PT_LOAD, index, "p_align", align)
    return change


def relro_begins_early(elf):
    """At an empty .tbss in front of its segment."""
    for field in ("p_offset", "p_vaddr", "p_filesz", "p_memsz"):
        more = 4 if field.endswith("sz") else -4
        elf.set_segment(PT_GNU_RELRO, 0, field, elf.segment(PT_GNU_RELRO, 0, field) + more)


def file_larger_than_memory(elf):
    last = len(elf.segments(PT_LOAD)) - 1
    elf.set_segment(PT_LOAD, last, "p_memsz", elf.segment(PT_LOAD, last, "p_filesz") - 1)


def gnu_hash_every_bucket(elf):
    """Every bucket starts far outside the symbol table."""
    at = elf.table("DT_GNU_HASH")
    buckets, bloom = elf.get(at, "I"), elf.get(at + 8, "I")
    for i in range(buckets):
        elf.put(at + 16 + 8 * bloom + 4 * i, "I", 0x7fffffff)


def sysv_hash_every(offset_of_table, value):
    """value(i) for each bucket or, behind those, each link of a chain."""
    def change(elf):
        at = elf.table("DT_HASH")
        buckets, chains = elf.get(at, "I"), elf.get(at + 4, "I")
        start, count = (8, buckets) if offset_of_table == 0 else (8 + 4 * buckets, chains)
        for i in range(count):
            elf.put(at + start + 4 * i, "I", value(i))
    return change


def every_symbol_name(elf):
    """All st_name outside the string table."""
    at = elf.table("DT_SYMTAB")
    for i in range(1, elf.get(elf.table("DT_HASH") + 4, "I")):
        elf.put(at + 24 * i, "I", 0x7ffffff0)


def relocation(index, form, value):
    """A field of the first RELA entry: r_offset 0, r_info's type 8, r_info's symbol 12."""
    return word("DT_RELA", index, value, form)


def constructor_in_data(elf):
    """The relocation of the first constructor gives it the address of the array itself."""
    at, array = elf.table("DT_RELA"), elf.dynamic("DT_INIT_ARRAY")
    for entry in range(at, at + elf.dynamic("DT_RELASZ"), 24):
        if elf.get(entry, "Q") == array:
            elf.put(entry + 16, "Q", array)


def all_needed(elf):
    elf.set_dynamic("DT_NEEDED", 0x7fffff00)


BOTH = [  # name, how, what the message says
    ("magic", lambda e: e.put(0, "B", 0), r"magic|not an ELF"),
    ("class-32", header("ei_class", 1), r"(?i)class|32"),
    ("class-unknown", header("ei_class", 7), r"(?i)class"),
    ("data-big-endian", header("ei_data", 2), r"(?i)data|endian|order"),
    ("version", header("ei_version", 9), r"(?i)version"),
    ("type-relocatable", header("e_type", 1), r"e_type|type"),
    ("type-unknown", header("e_type", 0xfe05), r"e_type|type"),
    ("machine", header("e_machine", 22), r"machine"),
    ("phentsize", header("e_phentsize", 55), r"e_phentsize"),
    ("phnum-zero", header("e_phnum", 0), r"e_phnum|PT_LOAD"),
    ("phnum-beyond-file", header("e_phnum", 0xfffe), r"e_phnum|e_phoff|program headers"),
    ("phoff-beyond-file", header("e_phoff", 1 << 40), r"e_phoff|program headers"),
    ("phoff-wraps", header("e_phoff", WRAPS), r"e_phoff|program headers"),
    ("empty", cut(0), r""),
    ("ten-bytes", cut(10), r""),
    ("header-alone", cut(64), r"e_phoff|e_phnum|program headers|file"),
    ("half-the-headers", cut(64 + 56 * 2), r"e_phoff|e_phnum|program headers|file"),
    ("cut-in-last-segment", cut_in_last_segment, r"p_filesz|p_offset|file"),
    ("no-load", no_segments, r"PT_LOAD"),
    ("load-out-of-order", lambda e: e.swap_segments(PT_LOAD, 0, 1), r"p_vaddr|order"),
    ("load-overlap", overlap, r"p_vaddr|p_memsz|overlap"),
    ("load-filesz", file_larger_than_memory, r"p_filesz|p_memsz"),
    ("load-align-3", segment(PT_LOAD, 1, "p_align", 3), r"p_align"),
    ("load-align-64k", aligned_to(1 << 16), TAKEN),
    ("load-align-2m", aligned_to(1 << 21), TAKEN),
    ("load-not-congruent", skewed, r"p_offset|p_vaddr|p_align"),
    ("load-offset-wraps", segment(PT_LOAD, 0, "p_offset", WRAPS), r"p_offset|p_filesz"),
    ("load-memsz-wraps", segment(PT_LOAD, -1, "p_memsz", WRAPS), r"p_memsz|p_vaddr"),
    ("load-memsz-huge", segment(PT_LOAD, -1, "p_memsz", 1 << 60), r"p_memsz|p_vaddr|memory|space"),
    ("load-vaddr-wraps", segment(PT_LOAD, -1, "p_vaddr", WRAPS), r"p_vaddr|p_memsz|p_offset"),
    ("dynamic-outside", segment(PT_DYNAMIC, 0, "p_vaddr", FAR), r"PT_DYNAMIC"),
    ("dynamic-size-wraps", segment(PT_DYNAMIC, 0, "p_memsz", WRAPS), r"PT_DYNAMIC"),
    ("tls-filesz", segment(PT_TLS, 0, "p_filesz", 1 << 40), r"PT_TLS"),
    ("tls-align-3", segment(PT_TLS, 0, "p_align", 3), r"PT_TLS"),
    ("tls-outside", segment(PT_TLS, 0, "p_vaddr", FAR), r"PT_TLS"),
    ("relro-early", relro_begins_early, TAKEN),
    ("relro-outside", segment(PT_GNU_RELRO, 0, "p_vaddr", FAR), r"PT_GNU_RELRO"),
    ("relro-size", segment(PT_GNU_RELRO, 0, "p_memsz", 1 << 40), r"PT_GNU_RELRO"),
] + [
    (f"{name.lower()}-outside", dynamic(name, FAR), name) for name in (
        "DT_STRTAB", "DT_SYMTAB", "DT_RELA", "DT_JMPREL", "DT_INIT_ARRAY", "DT_GNU_HASH",
        "DT_VERSYM", "DT_VERNEED")
] + [
    ("strsz-huge", dynamic("DT_STRSZ", 1 << 40), r"DT_STRSZ|DT_STRTAB"),
    ("relasz-huge", dynamic("DT_RELASZ", 24 << 36), r"DT_RELASZ|DT_RELA"),
    ("relasz-odd", dynamic("DT_RELASZ", 25), r"DT_RELA"),
    ("relaent", dynamic("DT_RELAENT", 7), r"DT_RELA"),
    ("syment", dynamic("DT_SYMENT", 7), r"DT_SYMENT"),
    ("pltrel", dynamic("DT_PLTREL", 5), r"DT_PLTREL"),
    ("pltrelsz-huge", dynamic("DT_PLTRELSZ", 24 << 36), r"DT_PLTRELSZ|DT_JMPREL"),
    ("init-arraysz-huge", dynamic("DT_INIT_ARRAYSZ", 8 << 36), r"DT_INIT_ARRAY"),
    ("init-array-in-data", constructor_in_data, r"DT_INIT_ARRAY"),
    ("no-strtab", without("DT_STRTAB"), r"DT_STRTAB"),
    ("no-symtab", without("DT_SYMTAB"), r"DT_SYMTAB|symbol index"),
    ("needed-outside", all_needed, r"DT_NEEDED"),
    ("runpath-outside", dynamic("DT_RUNPATH", 0x7fffff00), r"DT_RUNPATH"),
    ("gnu-hash-no-buckets", word("DT_GNU_HASH", 0, 0), r"DT_GNU_HASH|bucket"),
    ("gnu-hash-buckets-huge", word("DT_GNU_HASH", 0, 0x7fffffff), r"DT_GNU_HASH|bucket"),
    ("gnu-hash-bloom-0", word("DT_GNU_HASH", 8, 0), r"DT_GNU_HASH|bloom"),
    ("gnu-hash-bloom-3", word("DT_GNU_HASH", 8, 3), r"DT_GNU_HASH|bloom"),
    ("gnu-hash-bloom-huge", word("DT_GNU_HASH", 8, 1 << 30), r"DT_GNU_HASH|bloom"),
    ("gnu-hash-shift", word("DT_GNU_HASH", 12, 0xffff), EITHER),
    ("gnu-hash-bucket-outside", gnu_hash_every_bucket, EITHER),
    ("symbol-name-outside", every_symbol_name, AT_BINDING),
    ("relocation-outside", relocation(0, "Q", FAR), r"r_offset|relocation"),
    ("relocation-type", relocation(8, "I", 0xee), r"type|relocation"),
    ("verneed-next-loop", word("DT_VERNEED", 12, 0xffffffff), EITHER),
    ("verneed-aux-outside", word("DT_VERNEED", 8, 0x7ffffff0), r"DT_VERNEED|vn_aux|vna"),
    ("verneed-count-huge", word("DT_VERNEED", 2, 0xffff, "H"), EITHER),
    ("verneednum-huge", dynamic("DT_VERNEEDNUM", 1 << 40), EITHER),
    ("verneed-version", word("DT_VERNEED", 0, 9, "H"), r"DT_VERNEED|vn_version"),
]

LIBRARY = [
    ("dt_verdef-outside", dynamic("DT_VERDEF", FAR), r"DT_VERDEF"),
    ("verdef-next-loop", word("DT_VERDEF", 16, 0xffffffff), EITHER),
    ("verdef-aux-outside", word("DT_VERDEF", 12, 0x7ffffff0), r"DT_VERDEF|vd_aux|vda"),
    ("verdef-version", word("DT_VERDEF", 0, 9, "H"), r"DT_VERDEF|vd_version"),
    ("soname-outside", dynamic("DT_SONAME", 0x7fffff00), EITHER),
]

SYSV_ONLY = [  # where DT_HASH is the only table
    ("dt_hash-outside", dynamic("DT_HASH", FAR), r"DT_HASH"),
    ("no-hash", without("DT_HASH"), EITHER),
    ("hash-no-buckets", word("DT_HASH", 0, 0), r"DT_HASH|bucket"),
    ("hash-buckets-huge", word("DT_HASH", 0, 0x7fffffff), r"DT_HASH|bucket"),
    ("hash-chains-huge", word("DT_HASH", 4, 0x7fffffff), r"DT_HASH|chain"),
    ("hash-bucket-outside", sysv_hash_every(0, lambda i: 0x7fffff00), EITHER),
    ("hash-chain-cycle", sysv_hash_every(1, lambda i: max(i, 1)), EITHER),
    ("hash-chain-outside", sysv_hash_every(1, lambda i: 0x7fffff00), EITHER),
]


def complaint(outcome, want, name, pattern):
    """None, or what is wrong with how a broken file was treated."""
    errors = text(outcome.stderr).splitlines()
    report = "\n".join(["", *("stderr: " + line for line in errors[:8])])
    if outcome.timed_out or outcome.status not in (0, 127):
        return f"{outcome.how()}, expected exit 127{report}"
    if pattern in (EITHER, TAKEN) and outcome.status == 0 and outcome.stdout == want and not errors:
        return None
    if pattern is TAKEN:
        return f"{outcome.how()}, expected the program's answer{report}"
    if outcome.status == 0:
        return f"ran, expected exit 127{report}"
    if outcome.stdout:
        return f"wrote to standard output before it failed{report}"
    failures = [e for e in errors
                if not e.startswith("myld.so: ") and "no version information" not in e]
    if len(failures) != 1 and pattern not in (EITHER, AT_BINDING):
        return f"{len(failures)} failures, expected one{report}"
    if any(not is_error_line(e) or "(null)" in e for e in errors):
        return f"not a clear line{report}"
    if name not in errors[0]:
        return f"the first line does not name the file ({name}){report}"
    if pattern is not EITHER and not any(re.search(pattern, e) for e in errors):
        return f"no line says {pattern}{report}"
    return None


def check(suite, case, victim, name, change, pattern):
    """Breaks the program (prog) or the library (libvictim.so) and runs it."""
    myld = suite.myld(case.machine)
    folder = case.dir / "broken" / f"{victim}-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in ("prog", "libvictim.so", "libhelper.so"):  # all in one place, found by $ORIGIN
        if file != victim:
            (folder / file).hardlink_to(case.dir / file)
    elf = Elf((case.dir / victim).read_bytes())
    change(elf)
    (folder / victim).write_bytes(elf.data)
    (folder / victim).chmod(0o755)
    command = case.machine.command(libc_of("free", case.machine.name).root, str(myld),
                                   [str(myld), str(folder / "prog")], {"PATH": "/usr/bin:/bin"})
    outcome = execute(cwd=case.dir, timeout=10, **command)
    return complaint(outcome, b"victim = 17\n", victim, pattern)


def checks(suite, machines):
    """[(label, function)] for every way to break every file."""
    found = []
    if suite.options.oracle:
        return found
    for case in suite.cases(machines, f"{FIXTURE}@"):
        lists = {"prog": BOTH, "libvictim.so": BOTH + LIBRARY}
        if case.name == "broken@sysv-hash":
            lists = {"prog": SYSV_ONLY, "libvictim.so": SYSV_ONLY}
        elif case.name != "broken@default":
            continue
        try:
            suite.build(case)
        except RuntimeError:
            continue  # the case itself says so
        for victim, ways in lists.items():
            for name, change, pattern in ways:
                found.append((f"broken/{victim}/{name} [{case.machine.name}]", functools.partial(
                    check, suite, case, victim, name, change, pattern)))
    return found
