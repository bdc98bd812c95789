#!/usr/bin/env python3
"""Whether the measuring tools measure what they say, and whether the documents say what was measured;
takes no times.

	tests/bench/check.py
"""
import itertools
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import bench
import chart
import documents
import floors
import growth
import programs
import report
import synth
import tables
from programs import OUT, TOP

# What a made-up line of starts.csv says of its program.
ABOUT = {"libraries": 0, "symbols": 0, "objects": 3, "relocations": 1406, "named": 900, "pages": 9,
         "own_pages": 2, "runs": 200, "note": ""}

EARLY = """#include <unistd.h>
static __attribute__((constructor)) void early(void) { _exit(7); }
int main(void) { return 0; }
"""


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], check=True, text=True,
                          capture_output=True).stdout


def expect(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found}, expected {wanted}")


def expect_text(found, wanted, what):
    """As expect(), of texts that are too long to print"""
    lines = itertools.zip_longest(found.splitlines(keepends=True), wanted.splitlines(keepends=True))
    for number, (line, other) in enumerate(lines, 1):
        expect(line, other, f"{what}: line {number}")


def relocations_are_all_found(scratch):
    """floors.py beside readelf, which prints DT_RELR's as addresses alone."""
    for path in programs.objects(programs.Program("true", "/bin/true", ["true"]), own_true(scratch)):
        lines = re.findall(r"^([0-9a-f]{16})(?: +[0-9a-f]{16} +R_\w+.*)?$", readelf(path, "-r"), re.M)
        found = floors.File(path).describe()
        expect(found.relocations, len(lines), f"{path}: relocations")
        expect(found.pages, len({int(at, 16) // floors.PAGE for at in lines}), f"{path}: pages")
        expect(sum(pages for _, pages in found.runs), found.pages, f"{path}: pages in runs")


def own_true(scratch):
    shutil.copy("/bin/true", scratch / "true")
    return programs.Way("own", scratch / "true", ["true"], {})


def floor_does_the_calls(scratch):
    """The system calls that tables ask for, and no others."""
    way = own_true(scratch)
    paths = programs.objects(programs.Program("true", "/bin/true", ["true"]), way)
    described = floors.build(scratch, paths)
    maps = sum(len(o.maps) for o in described)
    for floor, more in (("0", 0), ("1", 0), ("3", 1)):
        trace = subprocess.run(["strace", scratch / "floor", floor], text=True, capture_output=True,
                               check=True).stderr
        calls = [line.partition("(")[0] for line in trace.splitlines() if "(" in line]
        wanted = {"execve": 1, "exit_group": 1}
        if floor != "0":
            files = len(described) + more
            wanted |= {"openat": files, "close": files, "fstat": len(described), "mmap": maps}
        expect({call: calls.count(call) for call in calls}, wanted, f"floor {floor}: calls")


def nothing_runs_before_the_stop(scratch):
    """Neither loader runs a constructor of the program or its libraries first."""
    source = scratch / "early.c"
    source.write_text(EARLY)
    for cc, loader in (("gcc", None), ("gcc", TOP / "myld.so"), ("musl-gcc", None),
                       ("musl-gcc", TOP / "myld.so")):
        subprocess.run([cc, "-shared", "-fPIC", "-o", scratch / "libearly.so", source], check=True)
        option = [f"-Wl,-dynamic-linker,{loader}"] if loader else []
        subprocess.run([cc, "-o", scratch / "early", source, "-Wl,--no-as-needed",
                        scratch / "libearly.so", f"-Wl,-rpath,{scratch}", *option], check=True)
        for preload, status in (("", 7), (OUT / "stop.so", programs.STOPPED)):
            done = subprocess.run([scratch / "early"],
                                  env={"LD_PRELOAD": str(preload), "MYLD_CACHE": "off"})
            expect(done.returncode, status, f"{cc}, {loader or 'own loader'}, preload {preload!s:.1}")


def driver(*ways, runs=3):
    return subprocess.run([OUT / "startup", str(runs), "check"], text=True, capture_output=True,
                          input="".join(way.text() for way in ways))


def driver_counts_and_refuses(_):
    good = programs.Way("good", "/bin/sh", ["sh", "-c", 'exit "$N"'], {"N": "5"}, 5)
    done = driver(good, good)
    expect(done.stdout.count("good,"), 6, "lines of two ways in three turns")
    bad = programs.Way("bad", "/bin/sh", ["sh", "-c", "exit 1"], {})
    expect((driver(good, bad).returncode, driver(good, bad).stdout), (1, ""), "a way that fails")


def no_plan_is_no_way(scratch):
    """A start that leaves nothing in its cache is not taken for a cached one."""
    way = programs.Way("myld-snapshot.stop", scratch / "true.myld", ["true"],
                       {"XDG_CACHE_HOME": str(scratch / "cache"), "MYLD_CACHE": "off"},
                       cache="snapshot")
    shutil.copy("/bin/true", way.exe)
    subprocess.run(["patchelf", "--set-interpreter", TOP / "myld.so", way.exe], check=True)
    expect(programs.prime(way), "no *.plan in its cache, no *.pages in its cache", "MYLD_CACHE=off")


def growth_finds_the_line(_):
    points = [[1, n, n * s] for n, s in programs.SIZES]
    found, worst = growth.fit(points, [300 + 20 * n + 0.5 * s for _, n, s in points])
    expect([round(x, 3) for x in found], [300, 20, 0.5], "coefficients")
    expect(worst < 1e-6, True, "the error of an exact line")


def generated_refer_as_said(scratch):
    """10 libraries of 20: own symbols and a fifth of others in data, a fifth through the PLT."""
    for path in synth.build(scratch / "synth", 10, 20):
        types = re.findall(r"(R_\w+)", readelf(path, "-r"))
        kinds = sorted(types.count(kind) for kind in set(types))
        data, called = synth.references(synth.number(path), 10, 20)
        expect(kinds, sorted((20 + len(data), len(set(called)))), f"{path.name}: relocations")


def marked_text_is_replaced(_):
    begin, end = documents.BEGIN, documents.END
    expect(documents.put(f"a\n{begin}old{end}b\n", "new"), f"a\n{begin}\nnew\n{end}b\n", "document")


def made_up_starts():
    """Lines of starts.csv"""
    ways = [(way, point) for point in ("stop", "end") for way in report.NAMES]
    for program, libc in (("true", "glibc"), ("musl hello", "musl")):
        for i, (way, point) in enumerate(ways + [(floor, "floor") for floor in report.FLOORS]):
            if (libc, way) != ("musl", "now"):
                yield {**ABOUT, "program": program, "libc": libc, "way": way, "point": point,
                       "median_us": 1000 - 50 * i, "p10_us": 900 - 50 * i, "cpu_us": 800 - 40 * i,
                       "faults": 50 + i}


def what_was_measured_reaches_the_documents(scratch):
    bench.write(scratch / "starts.csv", list(made_up_starts()))
    bench.write(scratch / "memory.csv", [{"program": "true", "libc": "glibc", "way": "myld-off",
                                          "private_dirty": 132, "rss": 1200, "note": ""}])
    bench.write(scratch / "inside.csv", [{"libc": libc, "operation": "dladdr", "way": way, "ns": 740.7}
                                         for libc in ("glibc", "musl") for way in (libc, "myld")])
    way = {f"{way}{more}": 119 for way in ("glibc", "looked up", "remembered") for more in ("", ", p10")}
    bench.write(scratch / "reopen.csv", [{"library": "_decimal", "symbols": 127, **way,
                                          "of looked up": 1, "of glibc": 1}])
    bodies = report.sections(scratch)
    expect(documents.sections(documents.benchmarks(bodies)), bodies, "sections")
    expect(set(documents.SECTIONS) - set(bodies), {"growth"}, "sections without tables")
    expect(tables.parse(documents.summary(bodies))[0][1],
           ["true", "3", "1,406", "1,000", "0.90", "0.85", "0.80", "2.12", "2.29"],
           "a row of docs/performance.md")


def recorded():
    """docs/benchmarks.md -> {section: text}"""
    return documents.sections(documents.BENCHMARKS.read_text())


def recorded_tables():
    """-> {section, or the head of the first column: {(row, column's head): cell}}"""
    found = {}
    for name, body in recorded().items():
        for number, (head, *rows) in enumerate(tables.parse(body)):
            cells = {(row[0], column): cell for row in rows for column, cell in zip(head, row)}
            found[head[0] if number or name == "spread" else name] = cells
    return found


def benchmarks_are_as_written(_):
    """Nothing stands in docs/benchmarks.md but what documents.py and tables.py write."""
    bodies = recorded()
    for name, body in bodies.items():
        if name != "notes":
            expect_text(body, "\n".join(map(tables.markdown, tables.parse(body))),
                        f"docs/benchmarks.md, {name}")
    expect(set(re.findall(r"^(?!- [\w ]+: .+: .+$).*$", bodies["notes"], re.M))
           - {"", "Nothing was left out."}, set(), "lines of the notes")
    expect_text(documents.BENCHMARKS.read_text(), documents.benchmarks(bodies), "docs/benchmarks.md")


def performance_has_the_recorded_table(_):
    document = documents.PERFORMANCE.read_text()
    expect_text(document, documents.put(document, documents.summary(recorded())),
                "docs/performance.md")


def number(cell):
    return float(cell.replace(",", ""))


def expect_ratio(cell, over, under, what):
    """cell: a ratio of two figures that were rounded as well when they were written"""
    least = (number(over) - 0.5) / (number(under) + 0.5) - 0.00501
    most = (number(over) + 0.5) / (number(under) - 0.5) + 0.00501
    if not least <= number(cell) <= most:
        raise AssertionError(f"{what}: {cell}, but {over} / {under} is recorded")


def recorded_ratios_are_of_the_recorded_times(_):
    found = recorded_tables()
    ratios = {"BIND_NOW": ("LD_BIND_NOW", "own loader"), "bindings / F2": ("myld bindings", "F2"),
              "snapshot / F3": ("myld snapshot", "F3"), "snapshot / F4": ("myld snapshot", "F4"),
              **{way: (way, "own loader") for way in ("myld cold", "myld bindings", "myld snapshot")}}
    for title, times in (("start", "median, us"), ("processor", "on the processor, median, us")):
        for libc, own in (("glibc", "glibc lazy, us"), ("musl", "musl, us")):
            for (program, head), cell in found.get(f"{title} {libc}", {}).items():
                if head == own:
                    expect(cell, found[times][program, "own loader"], f"{title}, {program}: {head}")
                if head in ratios and cell != "-":
                    expect_ratio(cell, *(found[times][program, way] for way in ratios[head]),
                                 f"{title}, {program}: {head}")
    for (program, head), cell in found["floors"].items():
        if head.endswith(", us"):
            expect(cell, found["median, us"][program, head[:2]], f"floors, {program}: {head}")
    for (program, head), cell in found.get("memory", {}).items():
        if head == "cold - snapshot" and cell != "-":
            cold, snapshot = (found["memory"][program, f"myld {way}"] for way in ("cold", "snapshot"))
            expect(number(cell), number(cold) - number(snapshot), f"memory, {program}: {head}")


def shown():
    """docs/performance.svg -> {(program, way): (length of the bar, label)}"""
    found, program = {}, ""
    for name, way, length, label in re.findall(
            r'text-anchor="end">([^<]*)<|<rect class="([^"]*)"[^>]* width="([\d.]+)"[^>]*/>\n'
            r'<text[^>]* class="small">([^<]*)<', documents.CHART.read_text()):
        program = name.replace(" × ", " x ") or program
        if way:
            found[program, way] = float(length), label
    return found


def chart_shows_the_recorded_times(_):
    found, bars = recorded_tables(), {}
    for libc in "glibc", "musl":
        for (program, head), cell in found.get(f"processor {libc}", {}).items():
            way = {"myld cold": "myld-off", "myld bindings": "myld-bindings",
                   "myld snapshot": "myld-snapshot"}.get(head, "own" if head.endswith(", us") else "")
            if way and cell != "-":
                bars[program, way] = "1.00" if way == "own" else cell
    expect(sorted(shown()), sorted(bars), "bars of the chart")
    names = dict(zip(chart.WAYS, ("own loader", "myld cold", "myld bindings", "myld snapshot")))
    for (program, way), (length, label) in shown().items():
        ratio, what = bars[program, way], f"chart, {program}, {way}"
        us = number(found["on the processor, median, us"][program, names[way]])
        possible = {chart.milliseconds(us + off) + (f" ({ratio})" if way != "own" else "")
                    for off in (-0.5, 0, 0.5)}
        expect(label if label not in possible else possible, possible, f"{what}: label")
        wanted = chart.UNIT * min(float(ratio), chart.LONGEST)
        expect(abs(length - wanted) <= chart.UNIT * 0.006, True, f"{what}: {length} long, {wanted}")


CHECKS = (relocations_are_all_found, floor_does_the_calls, nothing_runs_before_the_stop,
          driver_counts_and_refuses, no_plan_is_no_way, growth_finds_the_line,
          generated_refer_as_said, marked_text_is_replaced,
          what_was_measured_reaches_the_documents, benchmarks_are_as_written,
          performance_has_the_recorded_table, recorded_ratios_are_of_the_recorded_times,
          chart_shows_the_recorded_times)


def main():
    failed = 0
    programs.build_tools()
    for check in CHECKS:
        with tempfile.TemporaryDirectory(dir=OUT) as scratch:
            try:
                check(pathlib.Path(scratch))
            except (AssertionError, documents.Broken, subprocess.CalledProcessError) as why:
                failed += 1
                print(f"FAIL {check.__name__}: {why}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
