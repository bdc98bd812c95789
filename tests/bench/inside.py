#!/usr/bin/env python3
"""What the loader's functions cost in a running program, beside other loaders in the same run.

	tests/bench/inside.py                       # this tree's myld.so
	tests/bench/inside.py --loader build/x86_64/myld.so --loader OTHER/myld.so      # one by one
	tests/bench/inside.py --only dlopen --runs 41

Builds inside/*.c and 200 libraries (synth.py) into build/bench/inside once, for glibc and musl, and
a copy of each program for each loader with that as PT_INTERP. A round runs each of them once, in
rotating order, on one processor; a program prints the median over its own batches, here the median
over the rounds is taken. Columns: ns an operation and the ratio to the libc's own loader. myld.so
runs cold (MYLD_CACHE=off).
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import machine
import synth
import tables

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
OUT = TOP / "build/bench/inside"
LIBRARIES, SYMBOLS, FRAMES, CALLS = 200, 20, 20, 2000
LIBCS = {"glibc": ("gcc", "g++"), "musl": ("musl-gcc", None)}
DIALECTS = {"x86_64": {"plain": "-mtls-dialect=gnu", "desc": "-mtls-dialect=gnu2"},
            "aarch64": {"plain": "-mtls-dialect=trad", "desc": "-mtls-dialect=desc"},
            "riscv64": {"plain": "-fPIC"}}


class Compiler:
    """Compiles for one libc into a folder of its own, what is not there yet or out of date."""

    def __init__(self, name, cc, cxx):
        self.name, self.cc, self.cxx = name, cc, cxx
        self.folder = OUT / name
        self.folder.mkdir(parents=True, exist_ok=True)

    def compile(self, output, source, *options, compiler=None):
        path = self.folder / output
        source = HERE / "inside" / source
        if path.exists() and path.stat().st_mtime > source.stat().st_mtime:
            return path
        new = path.with_name(f".{output}")
        subprocess.run([compiler or self.cc, "-O2", "-Wall", "-Wextra", "-o", new, source, *options,
                        f"-Wl,-rpath,{self.folder}"], check=True)
        new.rename(path)
        return path

    def library(self, output, source, *options, compiler=None):
        return self.compile(output, source, "-shared", "-fPIC", f"-Wl,-soname,{output}", *options,
                            compiler=compiler)


def names():
    return [synth.symbol(library, number) for number in range(SYMBOLS) for library in range(LIBRARIES)]


def caller(folder, libraries):
    """A library with a lazy slot for each of the first symbols."""
    source = f".text\n{synth.calls(os.uname().machine, 'call_all', names()[:CALLS])}"
    synth.link(folder, "libcaller.so", source, *libraries)
    return folder / "libcaller.so"


def frames(compiler):
    """The libraries that exceptions pass, the last one first: it is what the others need."""
    made = []
    for i in reversed(range(FRAMES)):
        last = ["-DLAST"] if i == FRAMES - 1 else []
        made.append(compiler.library(f"libframe{i}.so", "frame.cc", f"-DHERE=frame{i}",
                                     f"-DNEXT=frame{i + 1}", *last, *made[-1:],
                                     compiler=compiler.cxx))
    made.append(compiler.library("libthrow.so", "throw.cc", *made[-1:], compiler=compiler.cxx))
    return made


def spread(some, many):
    """`some` evenly between `many`."""
    every = len(many) // len(some)
    result = list(many)
    for i, path in enumerate(some):
        result.insert(i * (every + 1), path)
    return result


def write_names():
    """names.c for the program without the libraries and the one with them"""
    for folder, listed in (("few", []), ("many", names())):
        path = OUT / folder / "names.c"
        text = ("#include <stddef.h>\n"
                f"const size_t count = {len(listed)}, calls = {CALLS};\nconst char *const names[] = {{\n"
                + "".join(f'\t"{name}",\n' for name in listed) + "\tNULL};\n")
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def build(compiler, libraries):
    """-> the programs' paths: without libraries, and with"""
    dialects = DIALECTS[os.uname().machine]
    start = []
    for output in "libplugin.so", "libstays.so":
        compiler.library(output, "plugin.c")
    for name, option in dialects.items():
        compiler.library(f"libtls{name}.so", "tls.c", option, f"-DFUNCTION=tls_{name}")
        start.append(compiler.library(f"libtls{name}start.so", "tls.c", option,
                                      f"-DFUNCTION=tls_{name}_start",
                                      f"-Dbench_variable=bench_{name}_start"))
    many = [caller(OUT / "synth", libraries), *libraries]
    if compiler.cxx:
        many = spread(frames(compiler), many)
    programs = []
    for name, linked in (("few", start), ("many", many)):
        programs.append(compiler.compile(name, "inside.c", OUT / name / "names.c", "-Wl,-z,lazy",
                                         "-ldl", *synth.program_options(OUT / "synth", linked)))
    return programs


def with_interpreter(program, loader, number):
    path = program.with_name(f"{program.name}.{number}")
    shutil.copy(program, path)
    subprocess.run(["patchelf", "--set-interpreter", loader, path], check=True)
    return path


def own_loader(program):
    return subprocess.run(["patchelf", "--print-interpreter", program], check=True, text=True,
                          capture_output=True).stdout.strip()


def run(program):
    """-> {operation: ns}"""
    done = subprocess.run([program], env={"PATH": os.environ["PATH"], "MYLD_CACHE": "off"}, text=True,
                          capture_output=True)
    if done.returncode:
        sys.exit(f"inside.py: {program}: exit {done.returncode}: {done.stderr.strip()}")
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in done.stdout.splitlines()}


def measure(ways, rounds):
    """ways: {name: [programs]} -> {(way, operation): median}"""
    taken = {}
    order = list(ways)
    for i in range(rounds):
        if sys.stderr.isatty():
            print(f"\rround {i + 1} of {rounds}", end="", file=sys.stderr)
        order = order[1:] + order[:1]
        for way in order:
            for program in ways[way]:
                for operation, ns in run(program).items():
                    taken.setdefault((way, operation), []).append(ns)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return {key: statistics.median(values) for key, values in taken.items()}


def table(results, libc, only=""):
    """results: {(way, operation): ns}, the libc's own loader first -> a table of cells"""
    own, *others = dict.fromkeys(way for way, _ in results)
    rows = [[f"{libc}, ns", own, *(cell for way in others for cell in (way, "ratio"))]]
    for way, operation in results:
        if way != own or only not in operation:
            continue
        base = results[own, operation]
        rows.append([operation, f"{base:,.1f}"])
        for other in others:
            ns = results[other, operation]
            rows[-1] += [f"{ns:,.1f}", f"{ns / base:.2f}"]
    return rows


def compare(libc, loaders, rounds):
    """-> {(way, operation): ns}; builds what is missing"""
    libraries = synth.build(OUT / "synth", LIBRARIES, SYMBOLS)
    write_names()
    programs = build(Compiler(libc, *LIBCS[libc]), libraries)
    paths = {libc: own_loader(programs[0])}
    for i, loader in enumerate(loaders):
        paths["myld" if len(loaders) == 1 else f"myld {i + 1}"] = str(loader.resolve())
    ways = {way: [with_interpreter(program, path, number) for program in programs]
            for number, (way, path) in enumerate(paths.items())}
    results = measure(ways, rounds)
    return {(way, operation): results[way, operation] for way in ways
            for other, operation in results if other == way}


def lines(loader, rounds):
    """For a CSV: a line a libc, operation and way."""
    return [{"libc": libc, "operation": operation, "way": way, "ns": round(ns, 2)}
            for libc in LIBCS for (way, operation), ns in compare(libc, [loader], rounds).items()]


def main():
    parse = argparse.ArgumentParser(description=__doc__,
                                    formatter_class=argparse.RawTextHelpFormatter)
    parse.add_argument("--loader", action="append", type=pathlib.Path,
                       help="default: this tree's myld.so")
    parse.add_argument("--libc", action="append", choices=LIBCS, help="default: all")
    parse.add_argument("--runs", type=int, default=11, help="rounds (11)")
    parse.add_argument("--only", default="", help="print operations whose name contains this")
    args = parse.parse_args()
    machine.pin()
    for libc in args.libc or LIBCS:
        results = compare(libc, args.loader or [TOP / "myld.so"], args.runs)
        print(tables.markdown(table(results, libc, args.only)))


if __name__ == "__main__":
    main()
