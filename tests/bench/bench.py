#!/usr/bin/env python3
"""Measures how programs start under myld.so, their libc's own loader, and the floors below both.

	tests/bench/bench.py                    # all, about half an hour
	tests/bench/bench.py --docs             # the same, and writes what it finds to docs/
	tests/bench/bench.py --quick            # a few programs, few runs: half a minute
	tests/bench/bench.py --program git --program "200 x 500" --runs 400
	tests/bench/bench.py --program clang --loader OTHER/myld.so

Writes build/bench/*.csv: starts (a line a program and way), memory, inside, reopen; raw/ has every
run. Then prints the tables of them (report.py does that alone). What is not all goes to
build/bench/part/ and never to docs/.
"""
import argparse
import csv
import pathlib
import resource
import statistics
import subprocess
import sys
import time

import inside
import machine
import memory
import programs
import reopen
import report
from programs import OUT, TOP

RUNS, QUICK_RUNS = 200, 20  # a row
LEAST, SECONDS = 5, 120  # fewer runs, where they would take the processor longer than this
QUICK = ["true", "git", "clang", "musl hello", "10 x 100", "50 x 200", "200 x 100", "musl 50 x 200"]


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def settle():
    """A file that was changed within a tick of the clock is not remembered (record.c)."""
    time.sleep(0.1)


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def prime(ways):
    """-> (ways that can be measured, {way: why not}, seconds of the processor that a turn takes)"""
    usable, notes, seconds = [], {}, 0.0
    for way in ways:
        before = processor_seconds()
        trouble = programs.prime(way)
        if trouble:
            notes[way.name] = trouble
            continue
        seconds += (processor_seconds() - before) / (2 if way.cache else 1)
        usable.append(way)
    return usable, notes, seconds


def drive(program, ways, runs):
    """-> ({way: [(us, us on the processor, minor faults)]}, [ways whose caches have changed])

    The CSV stays in raw/. A cache changes when something that it depends on did: a library, say.
    """
    caches = {way.name: programs.kept(way) for way in ways}
    raw = OUT / "raw" / f"{program.folder.name}.csv"
    raw.parent.mkdir(exist_ok=True)
    with raw.open("w") as out:
        subprocess.run([OUT / "startup", str(runs), program.name], stdout=out, check=True, text=True,
                       input="".join(way.text() for way in ways))
    taken = {}
    with raw.open() as lines:
        for name, us, cpu, minor, _ in csv.reader(lines):
            taken.setdefault(name, []).append((float(us), float(cpu), int(minor)))
    return taken, [way.name for way in ways if programs.kept(way) != caches[way.name]]


def figures(runs):
    if not runs:
        return {"median_us": "", "p10_us": "", "cpu_us": "", "faults": ""}
    times, cpu, minor = zip(*runs)
    return {"median_us": statistics.median(times), "p10_us": sorted(times)[len(times) // 10],
            "cpu_us": statistics.median(cpu), "faults": int(statistics.median_low(minor))}


def summary(program, described, way, runs, note):
    """A line of starts.csv."""
    relocated = {"objects": len(described), "relocations": sum(o.relocations for o in described),
                 "named": sum(o.named for o in described), "pages": sum(o.pages for o in described),
                 "own_pages": described[0].pages}
    name, _, point = way.name.partition(".")
    return {"program": program.name, "libc": program.libc, "libraries": program.libraries,
            "symbols": program.symbols, **relocated, "way": name, "point": point or "floor",
            "runs": len(runs), **figures(runs), "note": note}


def measure(program, loader, runs):
    """-> lines of starts.csv"""
    progress(f"{program.name}: preparing")
    ways, described = programs.prepare(program, loader, ends=not program.libraries)
    settle()
    usable, notes, seconds = prime(ways)
    taken, changed = drive(program, usable, max(min(runs, LEAST), min(runs, int(SECONDS / seconds))))
    if changed:
        taken, changed = drive(program, usable, len(taken[usable[0].name]))
    notes |= dict.fromkeys(changed, "wrote its cache again: not all starts were by it")
    return [summary(program, described, way, taken.get(way.name, []), notes.get(way.name, ""))
            for way in ways]


def write(path, lines):
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, lines[0])
        writer.writeheader()
        writer.writerows(lines)


def chosen(args):
    all_of_them = programs.real() + programs.generated(programs.SIZES)
    if args.program:
        unknown = set(args.program) - {program.name for program in all_of_them}
        if unknown:
            sys.exit(f"bench.py: {sorted(unknown)}: expected one of "
                     f"{[program.name for program in all_of_them]}")
        return [program for program in all_of_them if program.name in args.program]
    return [program for program in all_of_them if not args.quick or program.name in QUICK]


def measure_starts(args, loader, folder):
    lines = []
    for program in chosen(args):
        try:
            lines += measure(program, loader, args.runs or (QUICK_RUNS if args.quick else RUNS))
        except programs.Unusable as why:
            print(f"bench.py: {program.name} is left out: {why}", file=sys.stderr)
        else:
            write(folder / "starts.csv", lines)
    progress("")


def main():
    parse = argparse.ArgumentParser(description=__doc__,
                                    formatter_class=argparse.RawTextHelpFormatter)
    parse.add_argument("--quick", action="store_true")
    parse.add_argument("--runs", type=int, help=f"a row ({RUNS}, with --quick {QUICK_RUNS})")
    parse.add_argument("--program", action="append", help="only this one; may be given again")
    parse.add_argument("--loader", default=TOP / "myld.so", type=pathlib.Path)
    parse.add_argument("--docs", action="store_true")
    args = parse.parse_args()
    if args.docs and (args.quick or args.program):
        parse.error("--docs: a part of the rows does not take the place of all")
    loader = args.loader.resolve()
    if not loader.exists():
        sys.exit(f"bench.py: {loader}: no loader here (make, or --loader)")
    machine.pin()
    programs.build_tools()
    folder = OUT / "part" if args.quick or args.program else OUT
    folder.mkdir(exist_ok=True)
    measure_starts(args, loader, folder)
    progress("memory")
    write(folder / "memory.csv", memory.measure(chosen(args)))
    if not args.program:
        progress("inside a running program")
        write(folder / "inside.csv", inside.lines(loader, 3 if args.quick else 21))
    if not args.program and not args.quick:
        progress("dlopen")
        write(folder / "reopen.csv", reopen.lines(loader))
    progress("")
    print(report.text(folder))
    report.chart(folder, folder / "performance.svg")
    if args.docs:
        report.write_documents()


if __name__ == "__main__":
    main()
