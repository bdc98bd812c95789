"""The documents that measurements go to: docs/benchmarks.md, which is written here as a whole, and
the table in docs/performance.md, whose cells are taken from it.

docs/benchmarks.md is also the record of the last full run: tests/bench/check.py holds the table and
the chart to it.
"""
import textwrap

import reopen
import tables
from programs import TOP

BENCHMARKS = TOP / "docs/benchmarks.md"
PERFORMANCE = TOP / "docs/performance.md"
CHART = TOP / "docs/performance.svg"

BEGIN = "<!-- begin: written by tests/bench/documents.py -->\n"
END = "<!-- end -->\n"

HEAD = """# Benchmarks

`make bench` writes this file (`tests/bench/documents.py`); changes by hand are lost, and `make test`
finds them. [performance.md](performance.md) says how everything is measured, what the floors F0 to F4
do, and what the figures mean.

The chart shows the time on the processor from exec to the first constructor, relative to the libc's
own loader.

![Time on the processor from exec to the first constructor](performance.svg)
"""

UNTIL = "From exec to the first constructor, wall-clock time, medians."
PROCESSOR = "The same starts: time on the processor, user and system together."
COLUMNS = """Columns of myld.so and BIND_NOW are divided by the libc's own loader, the last ones by a
floor."""

# A heading and what stands above the tables, in the order of the document.
SECTIONS = {
    "start glibc": ("Until the first constructor, glibc", f"{UNTIL} {COLUMNS}"),
    "processor glibc": ("Until the first constructor, glibc, on the processor", PROCESSOR),
    "start musl": ("Until the first constructor, musl", f"{UNTIL} {COLUMNS}"),
    "processor musl": ("Until the first constructor, musl, on the processor", PROCESSOR),
    "goals": ("Goals", """Ratios that were set as goals, how many rows meet them, and the worst row:
first by wall-clock time, then by time on the processor."""),
    "floors": ("Floors", """Pages that have relocations, how many of them are the program's own, and the
median wall-clock time of each floor."""),
    "spread": ("Medians, 10th percentiles, faults", """Until the first constructor: what the ratios above
are made of, and the spread."""),
    "end": ("To the end", """From exec until the program has ended. Columns of myld.so and BIND_NOW are
divided by the libc's own loader. The last column is the time until the first constructor, divided by
the time to the end, both with the own loader."""),
    "growth": ("Growth", """Time on the processor of the generated programs, fitted by a sum: a constant,
so much a library, so much a symbol, and so much a symbol and library (a lookup walks along the
libraries). The fit is by least squares of the relative error, because the programs' times differ by a
factor of a thousand; the last column is the largest relative error. A second fit has relocations in
place of symbols. The share of a library is its system calls and pages."""),
    "memory": ("Memory", """Private_Dirty in /proc/PID/smaps_rollup just before the first constructor:
memory that each process has for itself (`tests/bench/memory.py`). All files were written back to the
disk before, because pages that are not yet written back count as dirty in every mapping."""),
    "inside": ("Inside a running program", """Nanoseconds an operation: the median of batches within a
process, then of processes that took turns (`tests/bench/inside.py`). myld.so runs cold. The first rows
are of a program with few libraries. From "first call" on it is a program with 200 generated libraries,
whose 4,000 symbols are asked for in a scattered order. "First call" binds a lazy slot with glibc; with
musl all slots were bound at the start. "Opened" are libraries that came by dlopen. With musl, dlclose
unloads nothing under either loader."""),
    "reopen": ("A dlopen whose bindings are remembered", f"""Microseconds of one dlopen with RTLD_NOW in a
process that has just started: medians, and 10th percentiles in parentheses, of {reopen.RUNS} processes
a way, in turns (`tests/bench/reopen.py`). "Looked up" is myld.so with MYLD_CACHE=off; "remembered" goes
by the bindings that an earlier process has left. "Symbols" counts the lookups that the dlopen takes when none
is remembered. The ratios are medians over the turns. Rows that begin with an underscore, and apt_pkg,
are modules opened in python3; a small program opens the others; "generated" is a plugin in a program
that has 200 libraries."""),
    "notes": ("What was left out", "Ways that are missing in the tables above, and why."),
}

# Columns of docs/performance.md, by their heads in the tables of starts.
SUMMARY = {"program": "program", "objects": "objects", "relocations": "relocations",
           "own loader, us": "glibc lazy, us|musl, us", "cold": "myld cold",
           "bindings": "myld bindings", "snapshot": "myld snapshot",
           "bindings / F2": "bindings / F2", "snapshot / F3": "snapshot / F3"}


class Broken(Exception):
    """A document that is not as it is written here."""


def opening(name):
    """A section up to its tables"""
    heading, above = SECTIONS[name]
    return f"## {heading}\n\n{textwrap.fill(' '.join(above.split()), 100)}\n\n"


def benchmarks(bodies):
    """bodies: {section: text} -> the text of docs/benchmarks.md"""
    return "\n".join([HEAD, *(opening(name) + bodies[name] for name in SECTIONS if name in bodies)])


def sections(document):
    """The reverse of benchmarks() -> {section: text}"""
    found = {}
    head, *parts = document.split("\n## ")
    if head != HEAD:
        raise Broken(f"{BENCHMARKS.name}: its head is not as documents.py writes it")
    for part in parts:
        name = next((name for name in SECTIONS if f"## {part}".startswith(opening(name))), None)
        if not name:
            raise Broken(f"{BENCHMARKS.name}: the section \"{part.splitlines()[0]}\" does not begin as "
                         "documents.py writes it")
        found[name] = f"## {part}".removeprefix(opening(name))
    return found


def columns(table, heads):
    """The table's columns that have these heads ("A|B": whichever is there), as rows without a head"""
    places = [next(i for i, cell in enumerate(table[0]) if cell in head.split("|")) for head in heads]
    return [[row[i] for i in places] for row in table[1:]]


def summary(bodies):
    """-> the table of docs/performance.md"""
    rows = [list(SUMMARY)]
    for name in "start glibc", "start musl":
        if name in bodies:
            rows += columns(tables.parse(bodies[name])[0], SUMMARY.values())
    return tables.markdown(rows)


def put(document, table):
    """Replaces what stands between the markers."""
    before, found, rest = document.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise Broken(f"{PERFORMANCE.name} has no lines {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def write(bodies):
    """Both documents."""
    BENCHMARKS.write_text(benchmarks(bodies))
    PERFORMANCE.write_text(put(PERFORMANCE.read_text(), summary(bodies)))
