#!/usr/bin/env python3
"""The tables and the chart of what bench.py has measured.

	tests/bench/report.py               # prints what build/bench/*.csv say
	tests/bench/report.py --docs        # writes that to docs/ (documents.py), with the chart
"""
import argparse
import csv

import chart as charts
import documents
import growth
import inside
import reopen
from programs import OUT
from tables import markdown

MYLD = ("myld-off", "myld-bindings", "myld-snapshot")
NAMES = {"own": "own loader", "now": "LD_BIND_NOW", "myld-off": "myld cold",
         "myld-bindings": "myld bindings", "myld-snapshot": "myld snapshot"}
FLOORS = ("F0", "F1", "F2", "F3", "F4")


def read(path):
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


class Starts:
    """starts.csv, by program, way and point."""

    def __init__(self, lines):
        self.programs = {}  # name: its first line
        self.cells = {}
        for line in lines:
            self.programs.setdefault(line["program"], line)
            self.cells[line["program"], line["way"], line["point"]] = line

    def value(self, program, way, point, field="median_us"):
        cell = self.cells.get((program, way, point), {})
        return float(cell[field]) if cell.get(field) else None

    def of(self, libc):
        return [name for name, line in self.programs.items() if line["libc"] == libc]

    def notes(self):
        for line in self.cells.values():
            if line["note"]:
                yield NAMES.get(line["way"], line["way"]), line["note"], line["program"]


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}"


def ratio(value, base):
    return f"{value / base:.2f}" if value and base else "-"


def until_constructors(starts, libc, field="median_us"):
    own = {"glibc": "glibc lazy", "musl": "musl"}[libc]
    ways = (("now",) if libc == "glibc" else ()) + MYLD
    names = {**NAMES, "now": "BIND_NOW"}
    rows = [["program", "objects", "relocations", f"{own}, us", *(names[way] for way in ways),
             "bindings / F2", "snapshot / F3", "snapshot / F4", "runs"]]
    for program in starts.of(libc):
        base = starts.value(program, "own", "stop", field)
        times = {way: starts.value(program, way, "stop", field) for way in ways}
        floors = {floor: starts.value(program, floor, "floor", field) for floor in FLOORS}
        about = starts.programs[program]
        rows.append([program, about["objects"], f"{int(about['relocations']):,}", number(base),
                     *(ratio(times[way], base) for way in ways),
                     ratio(times["myld-bindings"], floors["F2"]),
                     ratio(times["myld-snapshot"], floors["F3"]),
                     ratio(times["myld-snapshot"], floors["F4"]), about["runs"]])
    return rows


def goals(starts):
    """What was aimed at, the rows that missed it, and the worst of them"""
    real = [name for name in starts.of("glibc") if not int(starts.programs[name]["libraries"])]
    large = [name for name in ("clang", "soffice", "gdb") if name in real]
    aims = (("cold", real, "myld-off", ("own", "stop"), 0.65),
            ("cold", ["200 x 500"], "myld-off", ("own", "stop"), 0.35),
            ("cold, musl", starts.of("musl"), "myld-off", ("own", "stop"), 1),
            ("bindings", starts.of("glibc"), "myld-bindings", ("F2", "floor"), 1.15),
            ("snapshot", starts.of("glibc"), "myld-snapshot", ("F3", "floor"), 1.2),
            ("snapshot", large, "myld-snapshot", ("own", "stop"), 1 / 7))
    rows = [["goal", "beside", "at most", "rows", "met", "worst", "of", "met, on the processor",
             "worst", "of"]]
    for name, programs, way, (base, point), most in aims:
        cells = []
        for field in "median_us", "cpu_us":
            reached = {program: starts.value(program, way, "stop", field)
                                / starts.value(program, base, point, field)
                       for program in programs if starts.value(program, way, "stop", field)}
            if not reached:
                break
            worst = max(reached, key=reached.get)
            cells += [str(sum(value <= most for value in reached.values())),
                      f"{reached[worst]:.2f}", worst]
        else:
            rows.append([name, "own loader" if base == "own" else base, f"{most:.2f}",
                         str(len(reached)), *cells])
    return rows


def floors(starts):
    rows = [["program", "pages with relocations", "the program's own",
             *(f"{floor}, us" for floor in FLOORS)]]
    for program, about in starts.programs.items():
        rows.append([program, about["pages"], about["own_pages"],
                     *(number(starts.value(program, floor, "floor")) for floor in FLOORS)])
    return rows


def spread(starts, field, title, point="stop"):
    """A field of every loader and floor, as it is."""
    ways = list(NAMES)
    rows = [[title, *(NAMES[way] for way in ways), *FLOORS]]
    for program in starts.programs:
        rows.append([program, *(number(starts.value(program, way, point, field)) for way in ways),
                     *(number(starts.value(program, floor, "floor", field)) for floor in FLOORS)])
    return rows


def to_the_end(starts, title, field):
    rows = [[title, "own loader, us", "BIND_NOW", *(NAMES[way] for way in MYLD),
             "own: share until the constructors"]]
    for program in starts.programs:
        base = starts.value(program, "own", "end", field)
        if base:
            times = [starts.value(program, way, "end", field) for way in ("now", *MYLD)]
            rows.append([program, number(base), *(ratio(us, base) for us in times),
                         ratio(starts.value(program, "own", "stop", field), base)])
    return rows


def terms(about, each):
    """What a start's time is taken to consist of; a look-up walks along the libraries"""
    libraries = int(about["libraries"])
    return [1, libraries, each, each * libraries / 100]


def of_growth(starts, libc):
    made = [name for name in starts.of(libc) if int(starts.programs[name]["libraries"])]
    rows = [[f"{libc}, {len(made)} programs", "us, start", "us a library", "ns a symbol",
             "more for 100 libraries", "ns a relocation", "more for 100 libraries", "worst error"]]
    for way in [*NAMES, *FLOORS]:
        point = "floor" if way in FLOORS else "stop"
        times = [starts.value(name, way, point, "cpu_us") for name in made]
        if len(made) < 5 or None in times:
            continue
        about = [starts.programs[name] for name in made]
        symbols = [terms(line, int(line["libraries"]) * int(line["symbols"])) for line in about]
        relocations = [terms(line, int(line["relocations"])) for line in about]
        (start, library, *symbol), worst = growth.fit(symbols, times)
        (_, _, *relocation), _ = growth.fit(relocations, times)
        rows.append([NAMES.get(way, way), f"{start:.0f}", f"{library:.1f}",
                     *(str(round(1000 * value) or 0) for value in (*symbol, *relocation)),
                     f"{100 * worst:.0f} %"])
    return rows


def of_memory(lines):
    ways = ["own", "now", *MYLD]
    rows = [["private dirty, KiB", *(NAMES[way] for way in ways), "cold - snapshot"]]
    found = {}
    for line in lines:
        if not line["note"]:
            found.setdefault(line["program"], {})[line["way"]] = int(line["private_dirty"])
    for program, dirty in found.items():
        saved = dirty["myld-off"] - dirty["myld-snapshot"] if "myld-snapshot" in dirty else None
        rows.append([program, *(f"{dirty[way]:,}" if way in dirty else "-" for way in ways),
                     f"{saved:,}" if saved is not None else "-"])
    return rows


def of_notes(starts, memory):
    """Ways that are missing in the tables, or that have not been what they should be"""
    found = {}
    notes = list(starts.notes())
    if memory.exists():
        notes += [(NAMES[line["way"]], line["note"], line["program"])
                  for line in read(memory) if line["note"]]
    for way, note, program in notes:
        found.setdefault((way, note), {})[program] = True
    lines = [f"- {way}: {note}: {', '.join(names)}\n" for (way, note), names in found.items()]
    return "".join(lines) or "Nothing was left out.\n"


def of_inside(lines, libc):
    return inside.table({(line["way"], line["operation"]): float(line["ns"])
                         for line in lines if line["libc"] == libc}, libc)


def sections(folder):
    """-> {name: text}, of what has been measured"""
    starts = Starts(read(folder / "starts.csv"))
    found = {}
    for libc in "glibc", "musl":
        if starts.of(libc):
            found[f"start {libc}"] = markdown(until_constructors(starts, libc))
            found[f"processor {libc}"] = markdown(until_constructors(starts, libc, "cpu_us"))
    found["goals"] = markdown(goals(starts))
    found["floors"] = markdown(floors(starts))
    found["end"] = "\n".join(markdown(to_the_end(starts, title, field)) for title, field in (
        ("to the end", "median_us"), ("to the end, on the processor", "cpu_us")))
    found["spread"] = "\n".join(markdown(spread(starts, field, title)) for field, title in (
        ("median_us", "median, us"), ("p10_us", "10th percentile, us"),
        ("cpu_us", "on the processor, median, us"), ("faults", "minor faults")))
    fits = [of_growth(starts, libc) for libc in ("glibc", "musl")]
    if any(len(rows) > 1 for rows in fits):
        found["growth"] = "\n".join(markdown(rows) for rows in fits if len(rows) > 1)
    if (folder / "memory.csv").exists():
        found["memory"] = markdown(of_memory(read(folder / "memory.csv")))
    if (folder / "inside.csv").exists():
        lines = read(folder / "inside.csv")
        found["inside"] = "\n".join(markdown(of_inside(lines, libc)) for libc in ("glibc", "musl"))
    if (folder / "reopen.csv").exists():
        found["reopen"] = markdown(reopen.table(read(folder / "reopen.csv")))
    found["notes"] = of_notes(starts, folder / "memory.csv")
    return found


def text(folder):
    return documents.benchmarks(sections(folder))


def chart(folder, path):
    charts.write(Starts(read(folder / "starts.csv")), path)


def write_documents():
    """Of the last full run."""
    documents.write(sections(OUT))
    chart(OUT, documents.CHART)


def main():
    parse = argparse.ArgumentParser(description=__doc__,
                                    formatter_class=argparse.RawTextHelpFormatter)
    parse.add_argument("--docs", action="store_true")
    args = parse.parse_args()
    if args.docs:
        write_documents()
    else:
        print(text(OUT))


if __name__ == "__main__":
    main()
