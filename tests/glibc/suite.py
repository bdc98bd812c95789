#!/usr/bin/env python3
"""make test-glibc: glibc's own test suite, with its ld.so and with myld.so in that one's place.

    suite.py [--glibc VERSION] [TEST...]        e.g. suite.py --glibc 2.36 elf/tst-tls1

The programs are built from Debian's source package (build.sh) and run by glibc's makefiles, in a mount
namespace in which myld.so lies over the ld.so of the build tree. A test that passes with ld.so alone
has to be in differs.txt with a reason; otherwise it is a failure. What is listed there and passes is
told.

The .out files of tests that differ stay in build/glibc-suite/results-VERSION/.
"""
import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(TOP / "tests/lib"))
from namespace import isolated  # noqa: E402 (the library's folder is named just above)
from toolchain import BUILD, Unavailable  # noqa: E402

SUITES = {"2.36": "bookworm", "2.41": "trixie", "2.43": "sid"}
FOLDERS = ("elf", "dlfcn", "nptl")
SINGLE = ("stdlib/tst-tls-atexit-nodelete", "stdlib/tst-canon-bz26341",
          "malloc/tst-malloc-fork-deadlock-malloc-check")  # of other folders
JOBS = 3
LIMIT = 5400  # seconds for all tests of a run
ALONE = 300  # and for one that is run by itself
LOADER = BUILD / "x86_64/myld.so"

# $1 is mounted over each of the files up to "--"; the rest is run.
MOUNT = ('loader=$1; shift; while [ "$1" != -- ]; do mount --bind "$loader" "$1" || exit 125; shift; '
         'done; shift; exec "$@"')


class Tree:
    """The build tree of one version."""

    def __init__(self, version):
        self.version = version
        done = subprocess.run([HERE / "build.sh", SUITES[version], version], text=True,
                              stdout=subprocess.PIPE)
        if done.returncode:
            raise Unavailable(f"glibc {version} could not be built")
        self.path = pathlib.Path(done.stdout.strip())
        self.results = BUILD / f"glibc-suite/results-{version}"
        shutil.rmtree(self.results, ignore_errors=True)

    def loaders(self):
        """The ld.so of the tree, and that of the small root in which some tests run."""
        return [self.path / "elf/ld.so",
                *(self.path / "testroot.pristine").glob("lib*/**/ld-linux*.so.2")]

    def isolated(self, loader, command):
        if loader is None:
            return isolated(command)
        # Make goes by the times of files.
        copy = self.path / "myld.so"
        shutil.copyfile(loader, copy)
        copy.chmod(0o755)
        shutil.copystat(self.path / "elf/ld.so", copy)
        return isolated(["/bin/sh", "-c", MOUNT, "sh", copy, *self.loaders(), "--", *command])

    def make(self, loader, log, limit, *words):
        env = {**os.environ, "MYLD_CACHE": "off", "MYLD_NO_SYSTEM_LOADER": "1", "TIMEOUTFACTOR": "3"}
        env.pop("MAKEFLAGS", None)
        env.pop("MAKELEVEL", None)
        with open(log, "ab") as out:
            subprocess.run(self.isolated(loader, ["timeout", "-k", "10", str(limit), "make", *words]), cwd=self.path, env=env,
                           stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)

    def clear(self, tests):
        """Removes the results of these tests, or of all."""
        for test in tests:
            for kind in (".out", ".test-result"):
                (self.path / (test + kind)).unlink(missing_ok=True)
        for folder in () if tests else FOLDERS:
            for kind in ("*.out", "*.test-result"):
                for file in (self.path / folder).glob(kind):
                    file.unlink()
        shutil.rmtree(self.path / "testroot.root", ignore_errors=True)

    def run(self, loader, tests=()):
        """{test: result} of these tests, or of all."""
        name = "myld" if loader else "ld"
        self.results.mkdir(parents=True, exist_ok=True)
        log = self.results / f"{name}.log"
        self.clear(tests)
        if not tests:
            self.make(loader, log, LIMIT, "-k", f"-j{JOBS}", f"subdirs={' '.join(FOLDERS)}", "check")
        for test in tests or SINGLE:
            self.make(loader, log, ALONE, "test", f"t={test}")
        return {test: self.keep(test, name) for test in tests or self.all_tests()}

    def all_tests(self):
        found = [str(file.relative_to(self.path))[:-len(".test-result")] for folder in FOLDERS
                 for file in sorted((self.path / folder).glob("*.test-result"))]
        return [*found, *SINGLE]

    def keep(self, test, name):
        """The result of a test; its output is kept."""
        out, result = self.path / f"{test}.out", self.path / f"{test}.test-result"
        kept = self.results / name / f"{test}.out"
        kept.parent.mkdir(parents=True, exist_ok=True)
        if out.exists():
            shutil.copyfile(out, kept)
        return result.read_text().split(":")[0] if result.exists() else "MISSING"


def reasons(version):
    """{test: why it may differ}; a line is "TEST: REASON", or "TEST (VERSION ...): REASON"."""
    listed = {}
    for line in (HERE / "differs.txt").read_text().splitlines():
        found = re.fullmatch(r"(\S+)(?: \(([\d. ]+)\))?: (.+)", line)
        if found and (not found[2] or version in found[2].split()):
            listed[found[1]] = found[3]
        elif not found and line and not line.startswith("#"):
            raise SystemExit(f"differs.txt: not understood: {line}")
    return listed


def differing(ld, myld):
    return [test for test, result in ld.items()
            if result == "PASS" and myld.get(test, "MISSING") != "PASS"]


def table(version, ld, myld):
    """N of M tests pass: M are those that ld.so is able to run."""
    rows = collections.defaultdict(lambda: [0, 0, 0])
    for test, result in ld.items():
        if result in ("PASS", "FAIL", "MISSING"):
            row = rows[test.split("/")[0]]
            row[0] += 1
            row[1] += result == "PASS"
            row[2] += myld.get(test) == "PASS"
    print("| glibc | tests of | with ld.so | with myld.so |\n|---|---|---:|---:|")
    for folder, (count, with_ld, with_myld) in rows.items():
        print(f"| {version} | {folder} | {with_ld} of {count} | {with_myld} of {count} |")


def judge(version, ld, myld):
    """Prints what differs; the number of failures."""
    listed, failed = reasons(version), 0
    for test in differing(ld, myld):
        told = f"{test}: {myld.get(test, 'MISSING')}"
        failed += test not in listed
        print(f"listed  {told}: {listed[test]}" if test in listed else f"FAILED  {told}")
    for test in listed:
        if ld.get(test) == "PASS" and myld.get(test) == "PASS":
            print(f"passes  {test}, which is listed: {listed[test]}")
    return failed


def suite(version, tests):
    tree = Tree(version)
    ld = tree.run(None, tests)
    myld = tree.run(LOADER, tests)
    # Some depend on how busy the machine is: what differs has to do so twice.
    again = differing(ld, myld)
    if again and not tests:
        myld.update(tree.run(LOADER, again))
    table(version, ld, myld)
    failed = judge(version, ld, myld)
    passed = sum(result == "PASS" for result in myld.values())
    listed = len(differing(ld, myld)) - failed
    print(f"\n{passed} passed, {failed} failed, {listed} skipped")
    return failed


def main():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--glibc", choices=SUITES, default="2.36")
    parse.add_argument("tests", nargs="*", metavar="TEST", help="elf/tst-tls1; default: all")
    args = parse.parse_args()
    try:
        failed = suite(args.glibc, args.tests)
    except Unavailable as reason:
        print(f"SKIPPED {reason}\n0 passed, 0 failed, 1 skipped")
        return
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
