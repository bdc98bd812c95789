#!/usr/bin/env python3
"""Checks the tables of glibc's layouts against the packages that they were made from.

For each of Debian's builds: the generator makes the committed table; the libc gets that table by its
build-id; without that, by its words, it gets one with the same layout; and with the ld-linux of
another version beside it it gets none.  The last line is the tally, as run.py's.
"""
import argparse
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
TABLES = TOP / "ldso/libc/glibc/layouts"
DRIVER = TOP / "build" / "tests" / "layouts"
SUITES = ["bullseye", "bullseye-security", "bookworm", "bookworm-security", "trixie", "sid"]
LDSO = "ld-linux-x86-64.so.2"


def compile_driver():
    sources = ["tests/run/layouts.c", "tests/unit/fake_sys.c", "ldso/base/diag.c",
               "ldso/libc/glibc/layout.c", "ldso/libc/glibc/symfile.c",
               *sorted(str(p.relative_to(TOP)) for p in TABLES.glob("*.c"))]
    DRIVER.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Werror",
                    "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I.", "-Ildso",
                    f"-Ildso/arch/{platform.machine()}", *sources,
                    "-o", str(DRIVER)], cwd=TOP, check=True)


class Build:
    """An unpacked package."""

    def __init__(self, suite):
        fetch = subprocess.run([TOP / "tests/run/fetch.sh", suite, platform.machine(), "libc6",
                                "libc6-dbg"], check=True, text=True, stdout=subprocess.PIPE)
        self.tree = pathlib.Path(fetch.stdout.strip())
        self.version = (self.tree / ".have/libc6").read_text().strip()
        self.package = f"libc6 {self.version} amd64"
        self.libc = self.tree / "usr/lib/x86_64-linux-gnu/libc.so.6"
        self.table = TABLES / f"{self.version}-amd64.c"
        self.upstream = re.match(r"[\d.]+", self.version)[0]


def layout(table):
    """The offsets of a table, as text."""
    return re.search(r"layout = {\n(.*?)\n};", table.read_text(), re.S)[1]


def find(libc, *how):
    done = subprocess.run([DRIVER, libc, *how], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT,
                          env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    return done.returncode, done.stdout.strip()


def generated(build):
    made = subprocess.run([TOP / "build/glibc-layout", build.package, build.libc,
                           build.libc.parent / LDSO, build.tree / "usr/lib/debug"], check=True,
                          text=True, stdout=subprocess.PIPE)
    return build.table.exists() and made.stdout == build.table.read_text()


def by_words(build):
    status, package = find(build.libc, "words")
    if status:
        print(package)
        return False
    return layout(TABLES / f"{package.split()[1]}-amd64.c") == layout(build.table)


def refused_beside(build, other):
    """Whether a mix is refused, and the message names the symbol that tells."""
    with tempfile.TemporaryDirectory() as directory:
        mix = pathlib.Path(directory)
        for name in ("libc.so.6", "libpthread.so.0"):
            (mix / name).symlink_to((build.libc.parent / name).resolve())
        (mix / LDSO).symlink_to((other.libc.parent / LDSO).resolve())
        status, text = find(mix / "libc.so.6", "words")
        return status == 1 and "_rtld_global_ro says" in text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suites", nargs="*", default=SUITES)
    options = parser.parse_args()
    subprocess.run(["make", "-s", "build/glibc-layout"], cwd=TOP, check=True)
    compile_driver()
    builds = [Build(suite) for suite in options.suites]
    results = []
    for build in builds:
        results += [("the generator makes its table", build, generated(build)),
                    ("found by its build-id", build, find(build.libc) == (0, build.package)),
                    ("found by its words", build, by_words(build))]
        other = next(b for b in builds if b.upstream != build.upstream)
        results.append((f"not with the ld-linux of {other.version}", build,
                        refused_beside(build, other)))
    for what, build, good in results:
        if not good:
            print(f"FAILED  layouts: {build.package}: {what}")
    failed = sum(not good for _, _, good in results)
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
