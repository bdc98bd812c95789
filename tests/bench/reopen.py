#!/usr/bin/env python3
"""How long a dlopen takes when its bindings are remembered (ldso/cache/dlopen_cache.h), beside one
that looks all symbols up and the system's own loader, in processes that take turns.

	tests/bench/reopen.py [--runs 100] [--loader MYLD] [--only RE]

Each process has just started, opens one library and says how long that took: programs' modules in
their program, a few large libraries, and a generated plugin that is bound to 20,000 symbols of 200
libraries.  What is not on the machine is left out.  The ratios are medians over the turns.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import tempfile

import synth
import tables

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
OUT = TOP / "build/bench/reopen"
LIBRARIES, SYMBOLS, RUNS = 200, 100, 100

PYTHON = "/usr/bin/python3"
# The first one opens ld.so.cache, unless that was needed to start.
IN_PYTHON = ("import sys, time, _ctypes\n_ctypes.dlopen('libutil.so.1', 2)\nt = time.perf_counter_ns()\n"
             "_ctypes.dlopen(sys.argv[1], 2)\nprint((time.perf_counter_ns() - t) / 1000)")
MODULES = {"_ssl": "libssl and libcrypto", "_sqlite3": "libsqlite3",
           "_curses": "libncursesw and libtinfo", "_decimal": "", "apt_pkg": "libapt-pkg and more",
           "_gi": "libgirepository and more", "_cffi_backend": "libffi"}
LARGE = {"/usr/lib/x86_64-linux-gnu/libLLVM-14.so.1": "",
         "/usr/lib/libreoffice/program/libmergedlo.so": "many more",
         "/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so": "",
         "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0": ""}


def label(name, more):
    return f"{name}, with {more}" if more else name


def python_rows():
    for module, more in MODULES.items():
        for folder in ("/usr/lib/python3.11/lib-dynload", "/usr/lib/python3/dist-packages",
                       "/usr/lib/python3/dist-packages/gi"):
            for path in pathlib.Path(folder).glob(f"{module}.*.so"):
                yield label(module, more), [PYTHON, "-S", "-c", IN_PYTHON, str(path)]


def compiled(name, *options):
    target = OUT / name
    OUT.mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-o", target, HERE / "reopen.c", *options, "-ldl"],
                   check=True)
    return target


def generated_row():
    libraries = synth.build(OUT / "libraries", LIBRARIES, SYMBOLS)
    names = [synth.symbol(n, s) for s in range(SYMBOLS) for n in range(LIBRARIES)]
    table = "\n".join(f"\t.quad {name}" for name in names)
    synth.link(OUT, "plugin.so", f'.section .data.rel.ro, "aw"\n.balign 8\n{table}\n')
    program = compiled("program", *synth.program_options(OUT / "libraries", libraries))
    return "generated", [str(program), str(OUT / "plugin.so")]


def all_rows():
    yield from python_rows()
    opener = compiled("opener")
    for path, more in LARGE.items():
        yield label(pathlib.Path(path).name, more), [str(opener), path]
    yield generated_row()


def once(way, words):
    prefix, env = way
    done = subprocess.run([*prefix, *words], env={**os.environ, **env}, text=True, check=True,
                          stdout=subprocess.PIPE)
    return float(done.stdout.split()[-1])


def measure(ways, words, runs):
    times = {name: [] for name in ways}
    for way in ways.values():
        for _ in range(3):
            once(way, words)
    for i in range(runs):
        for name in list(ways)[:: 1 if i & 1 else -1]:
            times[name].append(once(ways[name], words))
    return times


def lookups(way, words):
    """Symbols that the process looks up."""
    prefix, env = way
    done = subprocess.run([*prefix, *words], env={**os.environ, **env, "LD_DEBUG": "statistics"},
                          text=True, check=True, capture_output=True)
    return int(re.findall(r"symbol lookups: (\d+)", done.stderr)[-1])


def symbols(way, words):
    """Those that the dlopen alone looks up: what is open already takes none."""
    return lookups(way, words) - lookups(way, [*words[:-1], "libutil.so.1"])


def ratio(times, other):
    return statistics.median(a / b for a, b in zip(times, other))


def line(name, words, ways, runs):
    """-> a line of reopen.csv"""
    times = measure(ways, words, runs)
    found = {"library": name, "symbols": symbols(ways["looked up"], words)}
    for way, us in times.items():
        found |= {way: statistics.median(us), f"{way}, p10": sorted(us)[len(us) // 10]}
    for other in "looked up", "glibc":
        found[f"of {other}"] = ratio(times["remembered"], times[other])
    return found


def lines(loader, runs=RUNS, only=""):
    with tempfile.TemporaryDirectory() as store:
        (pathlib.Path(store) / "myld").mkdir(mode=0o700)
        prefix, env = [str(loader.resolve())], {"XDG_CACHE_HOME": store}
        ways = {"glibc": ([], {}), "looked up": (prefix, {**env, "MYLD_CACHE": "off"}),
                "remembered": (prefix, env)}
        return [line(name, words, ways, runs) for name, words in all_rows()
                if re.search(only, name) and pathlib.Path(words[-1]).exists()]


def table(measured):
    """Lines of reopen.csv -> a table of cells"""
    ways = ("glibc", "looked up", "remembered")
    rows = [["dlopen, us", "symbols", *ways, "of looked up", "of glibc"]]
    for of in measured:
        rows.append([of["library"], f"{int(of['symbols']):,}",
                     *(f"{float(of[way]):,.0f} ({float(of[f'{way}, p10']):,.0f})" for way in ways),
                     *(f"{float(of[which]):.2f}" for which in rows[0][-2:])])
    return rows


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parse.add_argument("--runs", type=int, default=RUNS)
    parse.add_argument("--loader", default=TOP / "myld.so", type=pathlib.Path)
    parse.add_argument("--only", default="")
    args = parse.parse_args()
    print(tables.markdown(table(lines(args.loader, args.runs, args.only))))


if __name__ == "__main__":
    main()
