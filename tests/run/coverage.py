#!/usr/bin/env python3
"""make coverage: which of the loader's functions the unit tests and the fuzzing targets enter.

    coverage.py [--list]

Prints a line for each folder: functions entered, parts of functions (regions between branches) entered.  What
neither enters has to be explained in coverage.txt, by a line "PATTERN  reason" whose PATTERN is FILE or
FILE:FUNCTION with * for any text.  A function that no line explains is a failure, and so is a line all of whose
functions are entered.  --list shows all that is not entered, with the reasons.
"""
import argparse
import collections
import fnmatch
import json
import pathlib
import shutil
import subprocess
import sys

import unit

TOP = pathlib.Path(__file__).resolve().parents[2]
OUT = pathlib.Path("build/coverage")
EXPLAINED = TOP / "tests/run/coverage.txt"
COUNT = ["-fprofile-instr-generate", "-fcoverage-mapping"]
Function = collections.namedtuple("Function", "file name entered regions regions_entered")


# ---- Running ----

def run_units():
    """Builds and runs the unit tests with the compiler that counts; the names of those that do not build."""
    unit.OUT, unit.CC, unit.CHECKED = OUT / "unit", "clang", ["-O1", "-fsanitize=address", *COUNT]
    unit.FLAGS.append("-Wno-unused-command-line-argument")
    chosen = [test for test in unit.tests([]) if not test.words("Flags")]
    built = unit.build(chosen)
    for test in built:
        subprocess.run([TOP / test.target], cwd=TOP, check=False, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=600,
                       env={"LLVM_PROFILE_FILE": str(TOP / OUT / f"unit-{test.name.replace('/', '-')}-%p.profraw"),
                            "PATH": "/usr/bin:/bin"})
    return [test.name for test in chosen if test not in built]


def run_fuzz():
    """-> exit status; what is entered lies beside the units' counts."""
    (TOP / OUT / "fuzz").mkdir(parents=True, exist_ok=True)
    return subprocess.run([TOP / "tests/fuzz/run.sh", "--coverage", str(OUT / "fuzz")], cwd=TOP, check=False).returncode


# ---- All functions ----

def sources():
    folders = [*unit.rooms(), "dl", "cli"]
    found = {path for room in folders for path in unit.sources(room) if path.suffix == ".c"}
    return sorted(found | {pathlib.Path("ldso/boot.c"), pathlib.Path("ldso/main.c"), pathlib.Path("ldso/base/mem.c")})


def link_all():
    """One file that has the map of every function, in which counts of other programs are looked up."""
    objects = [OUT / "all" / f"{source}.o" for source in sources()]
    target = OUT / "all/loader.so"
    lines = [unit.recipe(target, objects, ["clang", "-shared", "-nostdlib", "-Wl,--unresolved-symbols=ignore-all",
                                           "-Wl,-z,muldefs", "-o", "$@", "$^"]),
             unit.recipe(OUT / "all/%.o", ["%"], ["clang", *unit.FLAGS, "-O1", "-fPIC", *COUNT, "-MMD", "-MP", "-c",
                                                  "-o", "$@", "$<"]),
             f"-include $(shell find {OUT}/all -name '*.d')\n"]
    (TOP / OUT / "all").mkdir(parents=True, exist_ok=True)
    (TOP / OUT / "all/rules.mk").write_text("\n".join(lines))
    subprocess.run(["make", "-rRs", "-j2", "-f", OUT / "all/rules.mk", target], cwd=TOP, check=True)
    return target


def functions(target):
    """Every function of the loader with what was counted."""
    raw = [str(p.relative_to(TOP)) for p in sorted((TOP / OUT).rglob("*.profraw"))]
    merged = OUT / "all.profdata"
    subprocess.run(["llvm-profdata", "merge", "-sparse", "-o", merged, *raw], cwd=TOP, check=True)
    text = subprocess.run(["llvm-cov", "export", f"-instr-profile={merged}", target], cwd=TOP, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    found = {}
    for f in json.loads(text)["data"][0]["functions"]:
        file = str(pathlib.Path(f["filenames"][0]).resolve().relative_to(TOP))
        if not file.startswith(("ldso/", "vm/")):
            continue
        name = f["name"].rpartition(":")[2]
        entered = {tuple(r[:4]) for r in f["regions"] if r[4] and not r[7]}
        every = {tuple(r[:4]) for r in f["regions"] if not r[7]}
        old = found.get((file, name))
        if old:  # a static function of a header, in several files
            entered |= old[0]
        found[file, name] = (entered, every, bool(f["count"]) or bool(old and old[2]))
    return [Function(file, name, hit, len(every), len(entered)) for (file, name), (entered, every, hit) in sorted(found.items())]


# ---- The report ----

def explanations():
    """[(pattern, reason)]"""
    lines = (line.split(None, 1) for line in EXPLAINED.read_text().splitlines() if line and line[0] != "#")
    return [(pattern, reason) for pattern, reason in lines]


def matches(pattern, f):
    file, _, name = pattern.partition(":")
    return fnmatch.fnmatch(f.file, file) and fnmatch.fnmatch(f.name, name or "*")


def print_folders(found):
    folders = collections.defaultdict(list)
    for f in found:
        folders[str(pathlib.Path(f.file).parent)].append(f)
    folders["all"] = found
    for folder, those in folders.items():
        n, entered = len(those), sum(f.entered for f in those)
        regions, hit = sum(f.regions for f in those), sum(f.regions_entered for f in those)
        print(f"{folder:24} functions {entered:5} of {n:5} ({100 * entered / n:5.1f} %)   "
              f"regions {hit:6} of {regions:6} ({100 * hit / regions:5.1f} %)")


def judge(found, lines, everything):
    """Prints and counts what is wrong."""
    missed, wrong = [f for f in found if not f.entered], 0
    for f in missed:
        reasons = [reason for pattern, reason in lines if matches(pattern, f)]
        if not reasons:
            print(f"FAILED  {f.file}:{f.name}: entered by no unit test and no fuzzing target, nor explained in "
                  f"{EXPLAINED.name}")
            wrong += 1
        elif everything:
            print(f"{f.file}:{f.name}  {reasons[0]}")
    for pattern, _ in lines:
        if not any(matches(pattern, f) for f in missed):
            print(f"FAILED  {EXPLAINED.name}: {pattern}: all of its functions are entered, or there are none")
            wrong += 1
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--list", action="store_true", help="show all that is not entered")
    options = parser.parse_args()
    absent = [name for name in ("clang", "llvm-cov", "llvm-profdata") if not shutil.which(name)]
    if absent:
        print(f"SKIPPED  coverage: {absent[0]} is not installed\n0 passed, 0 failed, 1 skipped")
        return 0
    (TOP / OUT).mkdir(parents=True, exist_ok=True)
    for old in (TOP / OUT).rglob("*.profraw"):
        old.unlink()
    failed = [f"the unit test {name} does not build with clang" for name in run_units()]
    failed += ["a fuzzing target failed"] * (run_fuzz() != 0)
    for what in failed:
        print(f"FAILED  {what}")
    found = functions(link_all())
    print_folders(found)
    wrong = judge(found, explanations(), options.list) + len(failed)
    print(f"{sum(f.entered for f in found)} passed, {wrong} failed, 0 skipped")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
