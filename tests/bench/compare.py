#!/usr/bin/env python3
"""Compares two builds of the loader, in turns: what a change does to the time until the constructors.

	tests/bench/compare.py BEFORE/myld.so [AFTER/myld.so] [--program NAME]... [--runs N]

Prints a row a program: the processor's time of the second divided by that of the first, cold, by
bindings and by a snapshot, and the same of minor faults.  AFTER is ./myld.so by default.
"""
import argparse
import pathlib
import shutil
import statistics
import sys

import bench
import programs
from programs import CACHES, OUT, STOPPED, TOP, Way

PROGRAMS = ["true", "git", "python3", "gdb", "clang", "musl hello", "50 x 200", "200 x 500"]
SIDES = ("before", "after")


def ways(program, loaders):
    for side, loader in zip(SIDES, loaders):
        exe = programs.with_interpreter(program, side, loader)
        for cache in CACHES:
            env = {**programs.environment(program, f"{side}-{cache}"), "MYLD_CACHE": cache,
                   "LD_PRELOAD": str(OUT / "stop.so")}
            yield Way(f"{side}-{cache}", exe, program.argv, env, STOPPED, "" if cache == "off" else cache)


def row(program, loaders, runs):
    """-> the ratios of time and of faults, "-" for a way that cannot be measured"""
    programs.build(program)
    shutil.rmtree(program.folder, ignore_errors=True)
    program.folder.mkdir(parents=True)
    (OUT / "home").mkdir(exist_ok=True)
    usable, _, _ = bench.prime(list(ways(program, loaders)))
    taken, _ = bench.drive(program, usable, runs)
    cells = []
    for index in (1, 2):
        for cache in CACHES:
            sides = [taken.get(f"{side}-{cache}") for side in SIDES]
            if all(sides):
                before, after = (statistics.median(run[index] for run in side) for side in sides)
                cells.append(f"{after / before:.3f}")
            else:
                cells.append("-")
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("loaders", nargs="+", type=pathlib.Path, metavar="myld.so")
    parser.add_argument("--program", action="append", help="only these; by default some of each kind")
    parser.add_argument("--runs", type=int, default=200)
    options = parser.parse_args()
    loaders = [path.resolve() for path in (options.loaders + [TOP / "myld.so"])[:2]]
    programs.build_tools()
    known = {p.name: p for p in programs.real() + programs.generated(programs.SIZES)}
    print(f"{'program':16} {'cold':>8} {'bindings':>9} {'snapshot':>9}   faults: "
          + " ".join(f"{cache:>9}" for cache in ("cold", "bindings", "snapshot")))
    for name in options.program or PROGRAMS:
        cells = row(known[name], loaders, options.runs)
        print(f"{name:16} {cells[0]:>8} {cells[1]:>9} {cells[2]:>9}           "
              + " ".join(f"{cell:>9}" for cell in cells[3:]), flush=True)


if __name__ == "__main__":
    sys.exit(main())
