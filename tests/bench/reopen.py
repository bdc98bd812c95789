#!/usr/bin/env python3
"""How long a dlopen takes when its bindings are remembered (ldso/cache/dlopen_cache.h), beside one that looks all
symbols up and the system's own loader, in processes that take turns.

	tests/bench/reopen.py [--runs 100] [--loader MYLD] [--only RE]

Each process has just started, opens one library and says how long that took: programs' modules in
their program, a few large libraries, and a generated plugin that is bound to 20,000 symbols of 200
libraries.  What is not on the machine is left out.  The ratios are medians over the turns.
"""
import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import synth

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
OUT = TOP / "build/bench/reopen"
LIBRARIES, SYMBOLS = 200, 100

PYTHON = "/usr/bin/python3"
# The first one opens ld.so.cache, unless that was needed to start.
IN_PYTHON = ("import sys, time, _ctypes\n_ctypes.dlopen('libutil.so.1', 2)\nt = time.perf_counter_ns()\n"
             "_ctypes.dlopen(sys.argv[1], 2)\nprint((time.perf_counter_ns() - t) / 1000)")
MODULES = ("_ssl", "_sqlite3", "_curses", "_decimal", "apt_pkg", "_gi", "_cffi_backend")
LARGE = ("/usr/lib/x86_64-linux-gnu/libLLVM-14.so.1", "/usr/lib/libreoffice/program/libmergedlo.so",
         "/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so",
         "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0")


def python_rows():
    for module in MODULES:
        for folder in ("/usr/lib/python3.11/lib-dynload", "/usr/lib/python3/dist-packages",
                       "/usr/lib/python3/dist-packages/gi"):
            for path in pathlib.Path(folder).glob(f"{module}.*.so"):
                yield f"python3, {module}", [PYTHON, "-S", "-c", IN_PYTHON, str(path)]


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
    return f"generated, {len(names)} symbols", [str(program), str(OUT / "plugin.so")]


def all_rows():
    yield from python_rows()
    opener = compiled("opener")
    for path in LARGE:
        yield pathlib.Path(path).name, [str(opener), path]
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


def ratio(times, other):
    return statistics.median(a / b for a, b in zip(times, other))


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parse.add_argument("--runs", type=int, default=100)
    parse.add_argument("--loader", default=TOP / "myld.so", type=pathlib.Path)
    parse.add_argument("--only", default="")
    args = parse.parse_args()
    store = pathlib.Path(tempfile.mkdtemp())
    (store / "myld").mkdir(mode=0o700)
    prefix, env = [str(args.loader.resolve())], {"XDG_CACHE_HOME": str(store)}
    ways = {"glibc": ([], {}), "looked up": (prefix, {**env, "MYLD_CACHE": "off"}),
            "remembered": (prefix, env)}
    print(f"{'us, median (p10)':32}" + "".join(f"{w:>20}" for w in ways) + f"{'of looked up':>14}{'of glibc':>10}")
    for name, words in all_rows():
        if not re.search(args.only, name) or not pathlib.Path(words[-1]).exists():
            continue
        got = measure(ways, words, args.runs)
        ratios = [ratio(got["remembered"], got[other]) for other in ("looked up", "glibc")]
        print(f"{name:32}" + "".join(f"{statistics.median(t):11.0f} ({sorted(t)[len(t) // 10]:6.0f})"
                                     for t in got.values()) +
              f"{ratios[0]:14.2f}{ratios[1]:10.2f}", flush=True)
    shutil.rmtree(store)


if __name__ == "__main__":
    sys.exit(main())
