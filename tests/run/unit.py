#!/usr/bin/env python3
"""Builds the unit tests of tests/unit with AddressSanitizer and UBSan and runs them side by side.

Every file there that has a main() is one executable; a line "Needs: FILE..." in its opening comment
names what it is linked with (patterns are allowed), by default the registry and the files of
tests/unit without a main(), and a line "Flags: FLAG..." what it is compiled with instead of -O1 and
those two sanitizers.  cmocka speaks TAP to us.  The last line is the tally, as run.py's.
"""
import argparse
import concurrent.futures
import os
import pathlib
import platform
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
UNIT = TOP / "tests" / "unit"
OUT = TOP / "build" / "tests" / "unit"
FLAGS = ["-std=gnu11", "-g", "-Wall", "-Wextra", "-Werror", "-fno-omit-frame-pointer", "-I.",
         "-Ildso", f"-Ildso/arch/{platform.machine()}", "-Itests/unit"]
CHECKED = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def needs(source):
    """The other sources of a test."""
    found = re.search(r"Needs:((?:[ \t*]*\n?[ \t*]*[\w/.*-]+\.[cS])+)", source.read_text())
    if found:
        patterns = re.findall(r"[\w/.*-]+\.[cS]", found.group(1))
        return sorted({p for pattern in patterns for p in TOP.glob(pattern)})
    helpers = [p for p in UNIT.glob("*.c") if not re.search(r"\bmain\(", p.read_text())]
    return sorted(TOP.glob("vm/*.c")) + sorted(helpers)


def flags(source):
    found = re.search(r"Flags:((?:[\s*]+-(?:include )?\S+)+)", source.read_text())
    return FLAGS + (found.group(1).replace("*", " ").split() if found else CHECKED)


def build(source):
    target = OUT / source.stem
    inputs = [source, *needs(source)]
    headers = [p for room in ("ldso", "vm", "tests/unit") for p in TOP.glob(f"{room}/**/*.h")]
    newest = max(p.stat().st_mtime for p in [*inputs, *headers])
    if target.exists() and target.stat().st_mtime > newest:
        return target
    OUT.mkdir(parents=True, exist_ok=True)
    files = [str(p.relative_to(TOP)) for p in inputs]
    subprocess.run(["gcc", *flags(source), *files, "-o", str(target), "-lcmocka"], cwd=TOP,
                   check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return target


def run(source):
    """(passed, failed, skipped, lines to print)"""
    try:
        target = build(source)
    except subprocess.CalledProcessError as error:
        return 0, 1, 0, [f"FAILED  {source.stem}: does not build", error.stdout]
    try:
        done = subprocess.run([target], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=600, env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    except subprocess.TimeoutExpired:
        return 0, 1, 0, [f"FAILED  {source.stem}: ran out of time"]
    results = re.findall(r"^(ok|not ok) \d+ (?:- )?(.*)$", done.stdout, re.M)
    skipped = [name for _, name in results if name.startswith("# SKIP") or "# SKIP" in name]
    failed = [name for how, name in results if how == "not ok"]
    lines = [f"SKIPPED {source.stem}: {name}" for name in skipped]
    lines += [f"FAILED  {source.stem}: {name}" for name in failed]
    if done.returncode and not failed or not results:
        lines.append(f"FAILED  {source.stem}: exit {done.returncode}")
        failed.append("exit")
    if failed:
        lines += [done.stdout[-3000:], done.stderr[-6000:]]
    good = len(results) - len(skipped) - len([f for f in failed if f != "exit"])
    return good, len(failed), len(skipped), lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filter", default="")
    options = parser.parse_args()
    sources = [p for p in sorted(UNIT.glob("*.c"))
               if options.filter in p.stem and re.search(r"\bmain\(", p.read_text())]
    total = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for *numbers, lines in pool.map(run, sources):
            total = [a + b for a, b in zip(total, numbers)]
            if lines:
                print("\n".join(lines), flush=True)
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
