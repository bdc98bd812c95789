#!/usr/bin/env python3
"""make test-glibc: glibc's own test suite, with its ld.so and with myld.so in that one's place.

    suite.py [--glibc VERSION] [TEST...]        e.g. suite.py --glibc 2.36 elf/tst-tls1

The programs are built from Debian's source package, for the libraries of its binary packages (build.sh).
What their makefiles would do to run a test is asked of make and done here, twice: the second time in a
mount namespace in which myld.so lies over the ld.so of the build tree. A test that passes with ld.so
alone has to be in differs.txt with a reason; otherwise it is a failure. What is listed there and passes
is told.

The outputs stay in build/glibc-suite/results-VERSION/.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
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
FACTOR = 5  # of the time limits that tests have themselves, mostly 20 s, on a busy machine
LIMIT = 400  # seconds for any test
LOADER = BUILD / "x86_64/myld.so"
RUNS_NOTHING = ("check-installed-headers", "check-wrapper-headers")  # the compiler alone

# $1 is mounted over each of the files up to "--"; the rest is run.
MOUNT = ('loader=$1; shift; while [ "$1" != -- ]; do mount --bind "$loader" "$1" || exit 125; shift; '
         'done; shift; exec "$@"')
JUDGES = re.compile(r"evaluate-test\.sh (\S+) ")
OUTPUT = re.compile(r"([\w.-]+\.out)\b")
WRITES = re.compile(r"> \S*?([\w.-]+\.out)\b")  # in a line before the one that judges it


class Tree:
    """The build tree of one version."""

    def __init__(self, version):
        self.version = version
        done = subprocess.run([HERE / "build.sh", SUITES[version], version], text=True,
                              stdout=subprocess.PIPE)
        if done.returncode:
            raise Unavailable(f"glibc {version} could not be built")
        self.path = pathlib.Path(done.stdout.strip())
        source = re.search(r"(?m)^srcdir = (.+)", (self.path / "Makefile").read_text())[1]
        self.source = (self.path / source).resolve()
        self.results = BUILD / f"glibc-suite/results-{version}"

    def recipes(self, folder):
        """{test: the commands that run it and write its result}, in make's order."""
        kept = self.results / f"{folder}.recipes"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            for file in (self.path / folder).glob("*.out"):  # it would not run these again
                file.unlink()
            done = subprocess.run(
                ["make", "-n", "-k", "-C", self.source / folder, f"subdir={folder}", "..=../",
                 f"objdir={self.path}", *self.placed(), "tests"],
                text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            kept.write_text(done.stdout)
        recipes, writers = {}, {}
        for line in kept.read_text().replace("\\\n", " ").splitlines():
            if JUDGES.search(line):
                before = [writers[name] for name in OUTPUT.findall(line) if name in writers]
                recipes[JUDGES.search(line)[1]] = "\n".join([*dict.fromkeys(before), line])
            else:
                writers.update((name, line) for name in WRITES.findall(line))
        return recipes

    def placed(self):
        """What make must take as made."""
        return [f"-o{self.path}/{file}" for file in (self.path / ".placed").read_text().split()]

    def places(self):
        """The ld.so of the tree, and that of the small root in which some tests run."""
        return [self.path / "elf/ld.so",
                *(self.path / "testroot.pristine").glob("lib*/**/ld-linux*.so.2")]

    def command(self, loader, recipe):
        shell = ["/bin/sh", "-c", recipe]
        if loader is None:
            return isolated(shell)
        return isolated(["/bin/sh", "-c", MOUNT, "sh", loader, *self.places(), "--", *shell])

    def run_one(self, loader, test, recipe):
        """The result of a test: PASS, FAIL, UNSUPPORTED ..."""
        name = "myld" if loader else "ld"
        out, result = self.path / f"{test}.out", self.path / f"{test}.test-result"
        out.unlink(missing_ok=True)
        result.unlink(missing_ok=True)
        process = subprocess.Popen(
            self.command(loader, recipe), cwd=self.source / test.split("/")[0],
            env={**os.environ, "MYLD_CACHE": "off", "MYLD_NO_SYSTEM_LOADER": "1",
                 "TIMEOUTFACTOR": str(FACTOR)}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            told = process.communicate(timeout=LIMIT)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            told = process.communicate()[0] + b"\nran out of time\n"
        kept = self.results / name / f"{test}.out"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes((out.read_bytes() if out.exists() else b"") + told)
        return result.read_text().split(":")[0] if result.exists() else "MISSING"

    def run(self, loader, tests=()):
        """{test: result} of these tests, or of all.  Those that compare outputs of others come last."""
        recipes = {}
        for folder in dict.fromkeys(test.split("/")[0] for test in tests) if tests else FOLDERS:
            recipes.update(self.recipes(folder))
        if not tests:
            for test in SINGLE:
                recipes[test] = self.recipes(test.split("/")[0]).get(test, "false")
        chosen = [test for test in recipes if (test in tests if tests else
                                               not test.split("/")[1].startswith(RUNS_NOTHING))]
        results = {}
        for last in (False, True):
            part = [test for test in chosen if ("ld-linux" not in recipes[test]) == last]
            with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
                results.update(zip(part, pool.map(
                    lambda test: self.run_one(loader, test, recipes[test]), part)))
        return {test: results[test] for test in chosen}


def reasons(version):
    """{test: why it may differ}; a line is "TEST: REASON", or "TEST (VERSION ...): REASON"."""
    listed = {}
    for line in (HERE / "differs.txt").read_text().splitlines():
        found = re.fullmatch(r"(\S+?)(?: \(([\d. ]+)\))?: (.+)", line)
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
    shutil.rmtree(tree.results, ignore_errors=True)
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
