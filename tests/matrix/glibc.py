#!/usr/bin/env python3
"""Every fixture for glibc with every glibc that Debian's suites hold, the installed one, and those that
`make test-foreign-builds` has built.

Built once, against the oldest, and run natively: as `LOADER --library-path DIR ./prog` and with
LOADER as PT_INTERP and LD_LIBRARY_PATH=DIR; the oracle is that version's own ld-linux. Prints a
Markdown table and puts it between the markers in docs/libcs.md.

    glibc.py [--filter TEXT] [--cache bindings|snapshot] [--print]
"""
import argparse
import collections
import concurrent.futures
import functools
import os
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/run"))
import run  # noqa: E402 (the runner's folder is named just above; it names that of the library)
from selection import choose  # noqa: E402
from toolchain import BUILD, BUILT_GLIBCS, MACHINES, BuiltGlibc  # noqa: E402

MACHINE = "x86_64"
DOCUMENT = TOP / "docs/libcs.md"
MARKERS = ("<!-- make matrix: glibc -->", "<!-- end -->")
LABEL = re.compile(r"\S+ \[\S+ glibc (\S+) (\S+) (command|interp|oracle)\]")
WAYS = ("command", "interp")


@functools.cache
def built(name):
    return BuiltGlibc(MACHINES[MACHINE], name)


class Tally(run.Suite):
    """A run of the fixtures that counts by libc and way."""

    def __init__(self, options):
        super().__init__(options)
        self.cells = collections.defaultdict(collections.Counter)

    def build(self, case):
        return super().build(case) + self.foreign()

    def foreign(self):
        return [built(name) for name in BUILT_GLIBCS if (BUILD / "glibc" / name / "lib").exists()]

    def report(self, status, label, detail=""):
        super().report(status, label, detail)
        found = LABEL.fullmatch(label)
        if found:
            number, suite, way = found.groups()
            self.cells[number, suite][way, status] += 1


def cell(counts, way):
    good, bad = counts[way, "passed"], counts[way, "failed"]
    return f"{good}/{good + bad}"


def table(suite):
    lines = ["| glibc | of | package | as a command | as PT_INTERP |", "|---|---|---|---|---|"]
    for libc in suite.libcs("glibc", MACHINE)[0] + suite.foreign():
        counts = suite.cells[libc.number, libc.suite]
        lines.append(f"| {libc.number} | {libc.suite} | {libc.package} | "
                     + " | ".join(cell(counts, way) for way in WAYS) + " |")
    return "\n".join(lines)


def put(text):
    """Replaces what is between the markers."""
    before, rest = DOCUMENT.read_text().split(MARKERS[0])
    after = rest.split(MARKERS[1], 1)[1]
    DOCUMENT.write_text(f"{before}{MARKERS[0]}\n{text}\n{MARKERS[1]}{after}")


def main():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--filter", default="", help="only cases whose name contains this")
    parse.add_argument("--cache", help="each run twice, the second by what the first has left")
    parse.add_argument("--print", action="store_true", help="leave docs/libcs.md as it is")
    args = parse.parse_args()
    suite = Tally(run.parse(["--matrix", "--every", "--libc", "glibc", "--machine", MACHINE, "--filter",
                             args.filter, *(["--cache", args.cache] if args.cache else [])]))
    suite.build_tools()
    for label, reason in suite.libcs("glibc", MACHINE)[1]:
        suite.report("skipped", label, reason)
    cases = choose(suite.cases([MACHINE], ""), lambda case: args.filter in case.name, f"--filter {args.filter}", "cases")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for job in [pool.submit(run.run_case, suite, case) for case in cases]:
            job.result()
    print("Runs that did what they do under that glibc's own loader, of all runs.\n")
    text = table(suite)
    print(text)
    if not args.print and not args.filter and not args.cache:
        put(text)
    print(f"\n{suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    sys.exit(suite.failed > 0)


if __name__ == "__main__":
    main()
