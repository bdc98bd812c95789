"""Makes large programs fast: so many libraries of so many symbols each, with names as C++ has them.

Every library defines its symbols as functions, and refers to each of them in a table of pointers, as
a vtable does; a fifth as many functions of other libraries are in that table too, and a fifth are
called through the PLT. Since a library's own symbols can be interposed, all of these are looked up.
Each library needs a few others, the program needs all. They need no libc, so that one set
serves programs of any. Assembly rather than C, because a million symbols are to be built in minutes.
"""
import concurrent.futures
import os
import pathlib
import random
import subprocess

# Machine: (around a call, a call, behind it).
MACHINES = {
    "x86_64": ("sub $8, %rsp", "call {}@PLT", "add $8, %rsp"),
    "aarch64": ("stp x29, x30, [sp, -16]!", "bl {}", "ldp x29, x30, [sp], 16"),
    "riscv64": ("addi sp, sp, -16\n\tsd ra, 8(sp)", "call {}@plt",
                "ld ra, 8(sp)\n\taddi sp, sp, 16"),
}
WORDS = ("accessible", "binding", "canvas", "document", "element", "formatter", "graphic", "handler",
         "iterator", "layout", "manager", "notifier", "observer", "property", "renderer", "stream",
         "transform", "undo", "visitor", "window")


def part(name):
    return f"{len(name)}{name}"


def symbol(library, number):
    """The mangled name of a method of a template's instance, about 80 characters."""
    first, second = WORDS[library % 20], WORDS[(library * 7 + number) % 20]
    space = part(f"{first}{library:04d}")
    return (f"_ZN5bench{space}{part(second.capitalize() + 'Impl')}INS_6TraitsIjEEE"
            f"{part(f'{WORDS[number % 20]}_{number}')}ERKNS_7ContextEm")


def library_name(library):
    return f"libsynth{library:04d}.so"


def number(path):
    return int(path.name[len("libsynth"):-len(".so")])


def references(library, libraries, symbols):
    """What a library refers to elsewhere: (names in data, names that it calls)"""
    pick = random.Random(library * 1000003 + libraries * 1009 + symbols)
    names = [symbol(pick.randrange(libraries), pick.randrange(symbols))
             for _ in range(2 * (symbols // 5))]
    half = len(names) // 2
    return names[:half], names[half:]


def function(name, *lines):
    return "\n\t".join((f".globl {name}\n\t.type {name}, %function\n{name}:",
                        ".cfi_startproc", *lines, "ret", ".cfi_endproc", f".size {name}, .-{name}\n"))


def calls(machine, name, names):
    before, call, behind = MACHINES[machine]
    return function(name, before, *(call.format(other) for other in names), behind)


def assembly(machine, library, libraries, symbols):
    own = [symbol(library, number) for number in range(symbols)]
    data, called = references(library, libraries, symbols)
    table = "\n".join(f"\t.quad {name}" for name in own + data)
    return "".join((".text\n", *(function(name, "nop") for name in own),
                    calls(machine, f"use{library:04d}", called),
                    f".section .data.rel.ro, \"aw\"\n.balign 8\n{table}\n",
                    ".section .note.GNU-stack, \"\", %progbits\n"))


def needs(library):
    """A few of those before it."""
    return sorted({library // 2, library - 1, library * 2 // 3} - {library, -1})


def link(folder, name, source, *options):
    """Assembles and links one library, unless it is there and younger than this file."""
    path = folder / name
    if path.exists() and path.stat().st_mtime > pathlib.Path(__file__).stat().st_mtime:
        return
    scratch = folder / f".{name}.o"
    subprocess.run(["as", "-o", scratch, "-"], input=source, text=True, check=True)
    subprocess.run(["ld", "-shared", "-O1", "--hash-style=gnu", "--eh-frame-hdr", "-z", "relro",
                    "-z", "lazy", "-soname", name, "-rpath", "$ORIGIN", "--no-as-needed",
                    "--allow-shlib-undefined", *options, "-o", folder / f".{name}", scratch], check=True)
    scratch.unlink()
    (folder / f".{name}").rename(path)


def stub(folder, library):
    """To link against before the library itself is there."""
    link(folder, library_name(library), ".data\n.quad 0\n")


def build(folder, libraries, symbols, machine=os.uname().machine):
    """-> the libraries' paths"""
    folder = pathlib.Path(folder)
    stubs = folder / "stubs"
    stubs.mkdir(parents=True, exist_ok=True)

    def make(library):
        link(folder, library_name(library), assembly(machine, library, libraries, symbols),
             *(stubs / library_name(other) for other in needs(library)))

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda library: stub(stubs, library), range(libraries)))
        list(pool.map(make, range(libraries)))
    return [folder / library_name(library) for library in range(libraries)]


def program_options(folder, libraries):
    """What a C compiler's driver is to be told for a program that needs all of them."""
    return ["-Wl,--no-as-needed,--allow-shlib-undefined,-z,lazy", f"-Wl,-rpath,{folder}",
            f"-Wl,-rpath-link,{folder}", *libraries]
