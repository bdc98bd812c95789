#!/usr/bin/env python3
"""Real programs with every musl that Debian's suites hold, as a Markdown table.

The scenarios of tests/programs run with the libc.so of each suite, unpacked under build/: as
`LOADER --library-path DIR ./program`, and with LOADER as PT_INTERP and LD_LIBRARY_PATH=DIR, where
the child processes get that libc too. The oracle is that musl's own loader as a command. Before
that, /proc/self/maps of a program must show that this libc.so is the one in it.

    musl.py [--loader ./myld.so] [--suite SUITE]... [--app NAME]...

The programs are built against 1.2.3, so an older musl may lack a function: a scenario that fails
under the oracle itself is skipped, and named.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/programs"))
import scenario  # noqa: E402 (the folder of the scenarios is named just above)

MACHINE = "x86_64"
LDSO = f"ld-musl-{MACHINE}.so.1"
SUITES = ("bullseye", "bookworm", "trixie", "sid")


class Musl:
    """One suite's libc.so, in a folder that holds it under each name by which programs need it."""

    def __init__(self, suite):
        fetched = subprocess.run([TOP / "tests/run/fetch.sh", suite, MACHINE, "musl"], check=True,
                                 stdout=subprocess.PIPE, text=True).stdout.strip()
        self.suite = suite
        self.libc = pathlib.Path(fetched).resolve() / f"usr/lib/{MACHINE}-linux-musl/libc.so"
        self.folder = TOP / "build/matrix" / suite
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("libc.so", f"libc.musl-{MACHINE}.so.1", LDSO):
            link = self.folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(self.libc)
        usage = subprocess.run([self.folder / LDSO], capture_output=True, text=True, check=False)
        self.version = usage.stderr.split("Version ")[1].split()[0]

    def oracle(self):
        return scenario.Way("oracle", [self.folder / LDSO], scenario.APPS)

    def ways(self, loader):
        patched = scenario.with_interpreter(loader, TOP / "build/apps.interp")
        return [scenario.Way("command", [loader, "--library-path", self.folder], scenario.APPS),
                scenario.Way("interp", [], patched, {"LD_LIBRARY_PATH": str(self.folder)})]

    def proof(self, way):
        """-> None, or what is wrong with the libc.so that a program has in it"""
        case = scenario.Scenario("busybox", "maps", ["./app/busybox", "cat", "/proc/self/maps"],
                                 None, 0)
        status, maps, errors = scenario.run(case, way)
        found = {line.split()[-1] for line in maps.decode().splitlines() if "musl" in line}
        if status == 0 and found == {str(self.libc)}:
            return None
        return f"exit {status}, libc is {sorted(found)}, expected {self.libc} {errors[-200:]!r}"


def compare(case, musl, ways):
    """-> {way: (verdict, complaint)}"""
    want = scenario.run(case, musl.oracle())
    if want[0] != case.status:
        lines = want[2].decode(errors="replace").strip().splitlines()
        why = f"the oracle's exit is {want[0]}, expected {case.status} {lines[-1:]}"
        return {way.name: ("skipped", why) for way in ways}
    outcome = {}
    for way in ways:
        wrong = scenario.difference(want, scenario.run(case, way))
        outcome[way.name] = ("failed", wrong) if wrong else ("passed", None)
    return outcome


def cell(verdicts):
    run = verdicts["passed"] + verdicts["failed"]
    return f"{verdicts['passed']}/{run}" if run else "none can run"


def check(musl, ways, apps, counts):
    """All scenarios with one musl -> the cells of its row: passed of run, for each program and way"""
    cells = []
    for way in ways:
        wrong = musl.proof(way)
        counts["failed" if wrong else "passed"] += 1
        if wrong:
            print(f"FAIL musl {musl.version} [{way.name}]: {wrong}", file=sys.stderr)
    for app in apps:
        row = {way.name: {"passed": 0, "failed": 0, "skipped": 0} for way in ways}
        for case in scenario.all_scenarios([app]):
            for way, (verdict, why) in compare(case, musl, ways).items():
                row[way][verdict] += 1
                counts[verdict] += 1
                if why:
                    print(f"{verdict} musl {musl.version} {case.name} [{way}]: {why}",
                          file=sys.stderr)
        cells.append(", ".join(cell(r) for r in row.values()))
    return cells


def main():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--loader", default=TOP / "myld.so", type=pathlib.Path)
    parse.add_argument("--suite", action="append", choices=SUITES)
    parse.add_argument("--app", action="append", choices=scenario.NAMES)
    args = parse.parse_args()
    loader = args.loader.resolve()
    apps = args.app or scenario.NAMES
    if not loader.exists():
        sys.exit(f"musl.py: {loader}: no loader here (make, or --loader)")
    scenario.build(["busybox", *apps])
    shutil.rmtree(scenario.RUN, ignore_errors=True)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    print("Scenarios passed of those run, as a command and as PT_INTERP.\n")
    print("| musl | Debian |", " | ".join(apps), "|")
    print("|---|---|" + "---|" * len(apps))
    for suite in args.suite or SUITES:
        musl = Musl(suite)
        cells = check(musl, musl.ways(loader), apps, counts)
        print(f"| {musl.version} | {suite} |", " | ".join(cells), "|", flush=True)
    print(f"\n{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(counts["failed"] > 0)


if __name__ == "__main__":
    main()
