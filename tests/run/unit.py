#!/usr/bin/env python3
"""Builds the unit tests of tests/unit with AddressSanitizer and UBSan and runs them side by side.

unit.py [NAME...]: all of them, or those in whose path below tests/unit a NAME begins a folder or a file.

tests/unit has the folders ("rooms") of ldso/.  Every file there is one executable, which is linked
with all of its own room and with what it needs of the rooms below it, and with nothing else: where
the link fails, a room refers to one above it.  What is below is said by the line "Uses: ROOM, ..."
of the room's README.md; without one, by the order of ROOMS in the Makefile.  The definitions of a
test, and of a helper (tests/unit/lib) whose header it includes, win over those of a room.

A test's opening comment may have a line "Flags: FLAG..." in the place of -O1 and those two
sanitizers: its rooms are compiled once more, likewise.  "Link: FLAG..." is for the linker alone.
cmocka speaks TAP to us.  The last line is the tally, as run.py's.
"""
import argparse
import concurrent.futures
import functools
import os
import pathlib
import platform
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
UNIT = pathlib.Path("tests/unit")
OUT = pathlib.Path("build/tests/unit")
CC = "gcc"
MACHINE = platform.machine()
MACHINES = {p.name for p in (TOP / "ldso/arch").iterdir() if p.is_dir()}
FLAGS = ["-std=gnu11", "-g", "-Wall", "-Wextra", "-Werror", "-fno-omit-frame-pointer",
         "-fno-strict-aliasing", "-I.", "-Ildso", f"-Ildso/arch/{MACHINE}",
         "-iquote", f"ldso/libc/glibc/{MACHINE}", "-Itests/unit"]
CHECKED = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
# Not linked: mem.c, since the sanitizers watch their own of its functions, and the first instructions
# of a process.
LEFT_OUT = {pathlib.Path("ldso/base/mem.c"), pathlib.Path(f"ldso/arch/{MACHINE}/start.S")}


def files(folder, pattern):
    """The files below a folder, but for those of other machines."""
    found = (p.relative_to(TOP) for p in (TOP / folder).rglob(pattern))
    return sorted(p for p in found if not (MACHINES - {MACHINE}).intersection(p.parts))


# ---- Rooms ----

@functools.cache
def rooms():
    """All of them, lowest first."""
    line = re.search(r"^ROOMS := (.*)$", (TOP / "Makefile").read_text(), re.M).group(1)
    return ["vm", "arch"] + [word for word in re.findall(r"\w+", line) if (TOP / "ldso" / word).is_dir()]


@functools.cache
def below(room):
    """The rooms that a room may refer to, directly or by another one."""
    readme = TOP / "ldso" / room / "README.md"
    uses = readme.exists() and re.search(r"^Uses:([\w\s,]*)\.", readme.read_text(), re.M)
    if not uses:
        return set(rooms()[:rooms().index(room)])
    named = set(re.findall(r"\w+", uses.group(1))) & set(rooms())
    return named.union(*(below(other) for other in named))


@functools.cache
def sources(room):
    folder = "vm" if room == "vm" else f"ldso/{room}"
    return [p for p in files(folder, "*.[cS]") if p not in LEFT_OUT and "gen" not in p.parts]


# ---- Tests ----

class Test:
    def __init__(self, source):
        self.source = source
        self.room = source.relative_to(UNIT).parts[0]
        self.name = str(source.relative_to(UNIT).with_suffix(""))
        self.target = OUT / self.name
        flags = self.words("Flags")
        self.flavor = self.name.replace("/", "-") if flags else "checked"
        self.flags = flags or CHECKED
        self.link = self.words("Link")

    def words(self, key):
        opening = (TOP / self.source).read_text().split("*/")[0].replace("*", " ")
        found = re.search(key + r":((?:\s+-(?:include )?\S+)+)", opening)
        return found.group(1).split() if found else []

    def object(self, source):
        return OUT / self.flavor / f"{source}.o"

    def archive(self, room):
        return OUT / self.flavor / f"{room}.a"

    def helpers(self):
        """Of tests/unit/lib: those whose headers the test, or one of them, includes."""
        found, left = [], [self.source]
        while left:
            for name in re.findall(r'#include "lib/(\w+)\.h"', (TOP / left.pop()).read_text()):
                helper = UNIT / "lib" / f"{name}.c"
                if helper not in found:
                    found.append(helper)
                    left += [helper, helper.with_suffix(".h")]
        return found

    def rule(self):
        """For make: the assembly calls functions of other rooms, so the order does not matter."""
        parts = [self.object(p) for p in [self.source, *self.helpers()]]
        own = [] if self.room == "arch" else [self.archive(self.room)]
        others = [self.archive(room) for room in rooms()
                  if room in below(self.room) or room == self.room == "arch"]
        command = [CC, *self.flags, *self.link, "-Wl,-z,muldefs,--exclude-libs,ALL", "-o", self.target,
                   *parts, "-Wl,--whole-archive", *own, "-Wl,--no-whole-archive",
                   "-Wl,--start-group", *others, "-Wl,--end-group", "-lcmocka"]
        return recipe(self.target, parts + own + others, command)


def tests(names):
    found = [Test(p) for p in files(UNIT, "*.c") if p.parent != UNIT / "lib"]
    return [t for t in found if not names or any(f"/{name}" in f"/{t.name}" for name in names)]


# ---- Building ----

def recipe(target, inputs, *commands):
    lines = [f"{target}: {' '.join(map(str, inputs))}", "\t@mkdir -p $(@D)"]
    return "\n".join(lines + ["\t@" + " ".join(map(str, c)) for c in commands]) + "\n"


def rules(chosen):
    """A makefile of all that the tests are made of."""
    text = [f"all: {' '.join(str(t.target) for t in chosen)}\n", ".DELETE_ON_ERROR:\n"]
    for t in {t.flavor: t for t in chosen}.values():
        compile_it = [CC, *FLAGS, *t.flags, "-MMD", "-MP", "-c", "-o", "$@", "$<"]
        text.append(recipe(OUT / t.flavor / "%.o", ["%", "tests/run/unit.py"], compile_it))
        for room in rooms():
            text.append(recipe(t.archive(room), [t.object(p) for p in sources(room)],
                               ["rm", "-f", "$@"], ["ar", "rcs", "$@", "$^"]))
    text += [t.rule() for t in chosen]
    text.append(f"-include $(shell find {OUT} -name '*.d')\n")
    return "\n".join(text)


def make(*arguments):
    return subprocess.run(["make", "-rR", "--no-print-directory", "-f", OUT / "rules.mk", *arguments],
                          cwd=TOP, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def build(chosen):
    """Those of the tests that build."""
    (TOP / OUT).mkdir(parents=True, exist_ok=True)
    (TOP / OUT / "rules.mk").write_text(rules(chosen))
    done = make("-k", f"-j{os.cpu_count() or 1}", "all")
    if not done.returncode:
        return chosen
    print(done.stdout)
    return [t for t in chosen if not make("-q", str(t.target)).returncode]


# ---- Running ----

def run(test):
    """(passed, failed, skipped, lines to print)"""
    try:
        done = subprocess.run([TOP / test.target], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=600,
                              env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    except subprocess.TimeoutExpired:
        return 0, 1, 0, [f"FAILED  {test.name}: ran out of time"]
    results = re.findall(r"^(ok|not ok) \d+ (?:- )?(.*)$", done.stdout, re.M)
    skipped = [name for _, name in results if name.startswith("# SKIP") or "# SKIP" in name]
    failed = [name for how, name in results if how == "not ok"]
    lines = [f"SKIPPED {test.name}: {name}" for name in skipped]
    lines += [f"FAILED  {test.name}: {name}" for name in failed]
    if done.returncode and not failed or not results:
        lines.append(f"FAILED  {test.name}: exit {done.returncode}")
        failed.append("exit")
    if failed:
        lines += [done.stdout[-3000:], done.stderr[-6000:]]
    good = len(results) - len(skipped) - len([f for f in failed if f != "exit"])
    return good, len(failed), len(skipped), lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--filter", action="append", default=[], help="another NAME")
    options = parser.parse_args()
    chosen = tests(options.names + options.filter)
    built = build(chosen)
    for t in chosen:
        if t not in built:
            print(f"FAILED  {t.name}: does not build")
    total = [0, len(chosen) - len(built), 0]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for *numbers, lines in pool.map(run, built):
            total = [a + b for a, b in zip(total, numbers)]
            if lines:
                print("\n".join(lines), flush=True)
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
