#!/usr/bin/env python3
"""Checks the tables of glibc's builds against the packages that they were made from.

For each of Debian's builds: the libc gets its own row by its build-id, and what the tables say of it
is what the generator reads from the package, offset for offset and tunable for tunable; without the
build-id, by its words, it gets a build with the same layout; and with the ld-linux of another
version beside it it gets none.  And on a copy of the tables: adding the build again changes nothing,
a rebuild of it adds one row, one with a field elsewhere adds one column with one cell, and so does a
layout without a build.  Empty tables to which all are added say the same of each.  The generator finds
debugging information wherever it may lie, and says what it lacks.  docs/libcs.md lists the layouts.  All this for each machine, whose compiled tables are read under its emulator.  The last
line is the tally, as run.py's.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
GLIBC = TOP / "ldso/libc/glibc"
SUITES = ["bullseye", "bullseye-security", "bookworm", "bookworm-security", "trixie", "sid"]
DEBIAN = {"x86_64": "amd64", "aarch64": "arm64"}
OTHER_ID = "00112233445566778899aabbccddeeff00112233"

sys.path.insert(0, str(GLIBC / "gen"))
import tables  # noqa: E402

sys.path.insert(0, str(TOP / "tests/lib"))
from toolchain import MACHINES  # noqa: E402


def choose(machine):
    """Makes the machine that of all functions below."""
    global MACHINE, TABLES, DRIVER, GENERATOR, LDSO
    MACHINE = machine
    TABLES = GLIBC / machine.name
    DRIVER = TOP / "build/tests" / f"layouts-{machine.name}"
    GENERATOR = TOP / "build" / machine.name / "glibc-layout"
    LDSO = pathlib.Path(machine.glibc_loader).name


def compile_driver():
    sources = ["tests/run/layouts.c", "tests/unit/lib/fake_sys.c", "tests/unit/lib/fake_memory.c", *(f"ldso/{name}.c" for name in ("base/errno_text", "base/format", "base/path", "object/build_id", "state/diag")),
               *(f"ldso/libc/glibc/{name}.c" for name in ("layout", "tables", "symfile"))]
    DRIVER.parent.mkdir(parents=True, exist_ok=True)
    how = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"] if MACHINE.native else ["-static"]
    subprocess.run([MACHINE.cc, "-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", *how, "-I.",
                    "-Itests/unit", "-Ildso", f"-Ildso/arch/{MACHINE.name}", "-iquote",
                    f"ldso/libc/glibc/{MACHINE.name}", *sources, "-o", str(DRIVER)], cwd=TOP, check=True)


class Build:
    """An unpacked package, and what the generator reads from it."""

    def __init__(self, suite):
        fetch = subprocess.run([TOP / "tests/run/fetch.sh", suite, MACHINE.name, "libc6", "libc6-dbg"],
                               check=True, text=True, stdout=subprocess.PIPE)
        self.tree = pathlib.Path(fetch.stdout.strip())
        self.version = (self.tree / ".have/libc6").read_text().strip()
        self.package = f"libc6 {self.version} {DEBIAN.get(MACHINE.name, MACHINE.name)}"
        self.libc = self.tree / f"usr/lib/{MACHINE.name}-linux-gnu/libc.so.6"
        self.upstream = re.match(r"[\d.]+", self.version)[0]
        self.build_id, *self.facts = subprocess.run(
            [GENERATOR, self.libc, self.libc.parent / LDSO, self.tree / "usr/lib/debug"],
            check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()


def find(libc, *how):
    emulator = [MACHINE.qemu] if MACHINE.qemu else []
    done = subprocess.run([*emulator, DRIVER, libc, *how], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT,
                          env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    return done.returncode, done.stdout.strip()


def fields(facts):
    return [line for line in facts if line.startswith("field ")]


def of_package(facts):
    """Without the fields that are not in a package: rules."""
    return [line for line in facts if not line.startswith("field rules.")]


def by_words(build):
    status, text = find(build.libc, "words")
    if status:
        print(text)
        return False
    return fields(of_package(text.splitlines())) == fields(build.facts)


def refused_beside(build, other):
    """Whether a mix is refused, and the message names the symbol that tells."""
    with tempfile.TemporaryDirectory() as directory:
        mix = pathlib.Path(directory)
        for name in ("libc.so.6", "libpthread.so.0"):
            (mix / name).symlink_to((build.libc.parent / name).resolve())
        (mix / LDSO).symlink_to((other.libc.parent / LDSO).resolve())
        status, text = find(mix / "libc.so.6", "words")
        return status == 1 and "_rtld_global_ro says" in text


def add(folder, build_id, facts, package):
    subprocess.run([GLIBC / "gen/tables.py", "add", folder, package], check=True, text=True,
                   input="\n".join([build_id, *facts]), stdout=subprocess.DEVNULL)


def changed(addition, *arguments):
    """The files' statements that an addition makes new, and those that it takes away."""
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        for path in TABLES.glob("*.def"):
            shutil.copy(path, folder)
        addition(folder, *arguments)
        new, gone = [], []
        for path in sorted(TABLES.glob("*.def")):
            before = tables.statements(path.read_text())
            after = tables.statements((folder / path.name).read_text())
            new += [line for line in after if line not in before]
            gone += [line for line in before if line not in after]
        return new, gone


def added(build_id, facts, package):
    return changed(add, build_id, facts, package)


def add_layout(folder, facts, version, name):
    subprocess.run([GLIBC / "gen/tables.py", "layout", folder, version, name], check=True,
                   text=True, input="\n".join(facts), stdout=subprocess.DEVNULL)


def row_of(build_id, build):
    """The row of the table that the build would have under this build-id."""
    text = (TABLES / "builds.def").read_text()
    row = re.search(rf'BUILD\("\w+", (\w+, \w+), .*"{re.escape(build.package)}"\)', text)
    return row and row[0].replace(row[0].split('"')[1], build_id), row and row[1].split(", ")[0]


def adds_a_row(build):
    row, _ = row_of(OTHER_ID, build)
    return added(f"build-id {OTHER_ID}", build.facts, build.package) == ([row], [])


def adds_a_column(build):
    """ro.size is one that moves often."""
    row, layout = row_of(OTHER_ID, build)
    moved = [re.sub(r"(?<=^field ro\.size )\d+", "1234", line) for line in build.facts]
    new, gone = added(f"build-id {OTHER_ID}", moved, build.package)
    if len(new) != 3 or len(gone) != 1:
        return False
    name = re.search(r'", (\w+)', new[0])[1]
    minor = build.upstream.split(".")[1]
    return (new == [row.replace(f" {layout},", f" {name},"), f"LAYOUT({name}, {layout}, {minor})",
                    f"{gone[0][:-1]},  {name}, 1234)"])


def adds_a_layout(build):
    """By its fields alone, and nothing the second time; a rule that is told is a cell as well."""
    _, layout = row_of(OTHER_ID, build)
    facts = [*fields(build.facts), "field rules.rseq_size 77"]
    new, gone = changed(add_layout, facts, build.upstream, "strange")
    minor = build.upstream.split(".")[1]
    return (changed(add_layout, facts[:-1], build.upstream, "strange") == ([], []) and len(gone) == 1
            and new == [f"LAYOUT(strange, {layout}, {minor})",
                        f"{gone[0][:-1]},  strange, 77)"])


def from_nothing(builds):
    """The builds of which tables made anew say something else."""
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        subprocess.run([GLIBC / "gen/tables.py", "empty", TABLES, folder], check=True)
        for build in builds:
            add(folder, build.build_id, build.facts, build.package)
        rows = dict(re.findall(r'BUILD\("(\w+)", (\w+),', (folder / "builds.def").read_text()))
        layouts = tables.Layouts(folder)
        return [build for build in builds if fields(build.facts) != of_package(
            f"field {key[0]} {layouts.value(key, rows[build.build_id.split()[1]])}"
            for key in layouts.rows)]


# ---- The generator for any build ----

def propose(libc, debug="", folder=None):
    """What `make glibc-layout LIBC=...` says -> (exit status, text)"""
    done = subprocess.run(["make", "-s", f"ARCH={MACHINE.name}", "glibc-layout", f"LIBC={libc}", f"DEBUG={debug}"],
                          cwd=TOP, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **({"FOLDER": str(folder)} if folder else {})})
    return done.returncode, done.stdout


def debug_file(build, path):
    notes = subprocess.run(["readelf", "-n", path], check=True, text=True, stdout=subprocess.PIPE).stdout
    build_id = re.search(r"Build ID: (\w+)", notes)[1]
    return build.tree / f"usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug"


def without_build_id(build, folder):
    """Copies of a package's files, and their debugging information under their names in a tree whose folders
    are none of theirs."""
    tree = folder / "tree/somewhere/lib64"
    tree.mkdir(parents=True)
    for name in ("libc.so.6", LDSO):
        source = (build.libc.parent / name).resolve()
        for path, target in ((source, folder / name), (debug_file(build, source), tree / f"{name}.debug")):
            subprocess.run([MACHINE.prefix + "objcopy", "-R", ".note.gnu.build-id", path, target], check=True)
    return folder / "libc.so.6", folder / "tree"


def proposes(build, other):
    """What is wrong with what is said of a build whose layout is known, by the place of its debugging
    information; without it nothing is said."""
    known = f"has layout {row_of(OTHER_ID, build)[1]}, which is there already\n"
    debug = build.tree / "usr/lib/debug"
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        libc, tree = without_build_id(build, folder)
        empty, hwcaps = folder / "empty", folder / "glibc-hwcaps/some/libc.so.6"
        empty.mkdir()
        hwcaps.parent.mkdir(parents=True)
        hwcaps.symlink_to(libc)
        subprocess.run([GLIBC / "gen/tables.py", "empty", TABLES, empty], check=True)
        cases = [("by its build-id", build.libc, debug, 0, known),
                 ("by names", libc, tree, 0, known),
                 ("in a subfolder of glibc-hwcaps", hwcaps, tree, 0, known),
                 ("a file", libc, tree / f"somewhere/lib64/{LDSO}.debug", 0, known),
                 ("of another build", build.libc, other.tree / "usr/lib/debug", 2,
                  "no debugging information, and there is none of it in "),
                 ("another build's file", build.libc, debug_file(other, other.libc.parent / LDSO), 2,
                  "of another build, or without types, is "),
                 ("no libc", build.libc.parent / LDSO, debug, 2, "not a libc.so.6: it needs no ld-linux"),
                 ("no file", "", debug, 2, "is no file: make glibc-layout LIBC=/PATH/libc.so.6 [DEBUG=")]
        for what, path, where, status, words in cases:
            got, said = propose(path, where)
            if got != status or words not in said:
                return f"{what}: exit {got}, {said}"
        (folder / LDSO).unlink()
        if f"{LDSO}: no such file: it has to be that of" not in propose(libc, tree)[1]:
            return "without its ld-linux"
        said = propose(build.libc, debug, empty)
        made = tables.Layouts(empty)
        if list(made.base) != ["v" + build.upstream.replace(".", "_")] or fields(build.facts) != of_package(
                f"field {key[0]} {made.value(key, list(made.base)[0])}" for key in made.rows):
            return f"into empty tables: {said}, {made.base}"
    return None


def told_in_docs():
    """Whether the list of layouts in docs/libcs.md is that of the tables."""
    with tempfile.TemporaryDirectory() as directory:
        copy = pathlib.Path(shutil.copy(TOP / "docs/libcs.md", directory))
        subprocess.run([GLIBC / "gen/tables.py", "document", TABLES, copy], check=True)
        return copy.read_text() == (TOP / "docs/libcs.md").read_text()


def results_of(machine, suites):
    """(what, build, whether it holds)"""
    choose(machine)
    subprocess.run(["make", "-s", f"ARCH={machine.name}", GENERATOR.relative_to(TOP)], cwd=TOP, check=True)
    compile_driver()
    builds = [Build(suite) for suite in suites]
    results = []
    for build in builds:
        status, text = find(build.libc)
        package, *facts = text.splitlines()
        results += [("found by its build-id", build, (status, package) == (0, build.package)),
                    ("the tables say what the package says", build,
                     of_package(facts) == build.facts),
                    ("found by its words", build, by_words(build)),
                    ("known again", build,
                     added(build.build_id, build.facts, build.package) == ([], [])),
                    ("a rebuild is one row", build, adds_a_row(build)),
                    ("a field elsewhere is one column", build, adds_a_column(build)),
                    ("a layout by its fields", build, adds_a_layout(build))]
        other = next(b for b in builds if b.upstream != build.upstream)
        results.append((f"not with the ld-linux of {other.version}", build,
                        refused_beside(build, other)))
    if machine.native:
        problem = proposes(builds[-1], builds[0])
        results.append((f"by any file and its debugging information: {problem}", builds[-1], not problem))
    wrong = from_nothing(builds)
    return results + [("tables made from nothing", build, build not in wrong) for build in builds]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suites", nargs="*", default=SUITES, help="for this machine")
    parser.add_argument("--machine", action="append", choices=MACHINES, help="only this one")
    options = parser.parse_args()
    results = []
    for machine in (MACHINES[name] for name in options.machine or MACHINES):
        results += results_of(machine, options.suites if machine.native else machine.suites["glibc"])
        if machine.native:
            results.append(("docs/libcs.md lists the layouts (tables.py document FOLDER docs/libcs.md)", None, told_in_docs()))
    for what, build, good in results:
        if not good:
            print(f"FAILED  layouts: {build.package + ': ' if build else ''}{what}")
    failed = sum(not good for _, _, good in results)
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
