#!/usr/bin/env python3
"""Compares the loader's list of tunables with that of glibc's own ld.so, line for line, in many
environments: right and wrong lists, variables, numbers of every kind.

The ld.so of several versions are fetched; they print their list without a process to load.  Left
out are the sizes glibc.cpu.x86_*, which depend on the processor.  Warnings are counted.  The last
line is the tally, as run.py's.
"""
import argparse
import os
import pathlib
import platform
import random
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
DRIVER = TOP / "build" / "tests" / "tunables"
TABLE = TOP / "ldso/libc/glibc" / platform.machine() / "tunables.def"
ALIAS = re.compile(r'^TUNABLE\(([\w.]+), "(\w+)"', re.M)
SIZES = re.compile(r"^glibc\.cpu\.x86_\w+_(size|threshold):.*\n", re.M)
WARNING = re.compile("warning", re.I)

NUMBERS = ["0", "1", "2", "3", "4", "50", "255", "256", "-1", "+7", "0x10", "0X1f", "010", "08", "",
           " 5", "\t6", "7 ", "x", "0x", "-", "12z", "2147483647", "2147483648", "4294967297",
           "-4294967295", "9223372036854775807", "9223372036854775808", "18446744073709551614",
           "18446744073709551615", "18446744073709551616", "99999999999999999999999",
           "-99999999999999999999999", "0xffffffffffffffff", "0x1ffffffffffffffff", "-0x1", "1-"]
TEXTS = ["", "on", "-AVX2,Prefer_ERMS", "a b"]


def compile_driver():
    rooms = ("base/errno_text", "base/format", "base/list", "state/config", "state/diag", "state/settings",
             "libc/glibc/tunables", "libc/glibc/tables")
    sources = ["tests/run/tunables.c", "tests/unit/lib/fake_sys.c", "tests/unit/lib/fake_memory.c",
               *(f"ldso/{name}.c" for name in rooms)]
    DRIVER.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", "-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror",
                    "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I.", "-Itests/unit", "-Ildso",
                    f"-Ildso/arch/{platform.machine()}", "-iquote", f"ldso/libc/glibc/{platform.machine()}", *sources,
                    "-o", str(DRIVER)], cwd=TOP, check=True)


def ld_so(suite):
    """(version, path) of a suite's."""
    fetch = subprocess.run([TOP / "tests/run/fetch.sh", suite, platform.machine(), "libc6"],
                           check=True, text=True, stdout=subprocess.PIPE)
    tree = pathlib.Path(fetch.stdout.strip())
    version = re.match(r"[\d.]+", (tree / ".have/libc6").read_text())[0]
    return version, next(tree.glob("usr/lib/*/ld-linux*.so.*"))


def listing(command, environment):
    """(the list without the processor's sizes, the number of warnings, what went wrong)"""
    done = subprocess.run(command, env={**environment, "ASAN_OPTIONS": "detect_leaks=0"}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    messages = done.stderr.splitlines()
    wrong = done.stderr if done.returncode or not all(map(WARNING.search, messages)) else ""
    # One wrong value of glibc.rtld.enable_secure is told twice.
    return SIZES.sub("", done.stdout), len(set(messages)), wrong


def random_list(rng, names):
    """A list as users write them, and a few as nobody should."""
    words = []
    for _ in range(rng.randrange(1, 5)):
        name = rng.choice([rng.choice(names)] * 12 + ["glibc.none.such", "", "glibc.rtld"])
        # The real one would try to get that memory.
        numbers = NUMBERS[:12] if name == "glibc.rtld.optional_static_tls" else NUMBERS
        value = rng.choice(numbers) if rng.random() < 0.8 else rng.choice(TEXTS)
        words.append(rng.choice([f"{name}={value}"] * 30 + [name, f"{name}={value}={value}", "="]))
    return rng.choice(["", "", "", "", "", ":"]) + ":".join(words) + \
        rng.choice(["", "", "", "", "", "", ":"])


def random_environment(rng, names, aliases):
    environment = {}
    if rng.random() < 0.9:
        environment["GLIBC_TUNABLES"] = random_list(rng, names)
    for _ in range(rng.choice([0, 0, 1, 2])):
        environment[rng.choice(aliases)] = rng.choice(NUMBERS)
    return environment


def compare(version, path, environment):
    theirs = listing([path, "--list-tunables"], environment)
    ours = listing([DRIVER, version], environment)
    if theirs == ours:
        return True
    print(f"FAILED  tunables: {version}: {environment}")
    for name, a, b in zip(("list", "warnings", "trouble"), theirs, ours):
        if a != b:
            lines = [(x, y) for x, y in zip(str(a).splitlines(), str(b).splitlines()) if x != y]
            print(f"  {name}: expected, got {lines[:4] or (a, b)}")
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=150, help="environments for each version")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--suites", nargs="*", default=["bookworm", "trixie", "sid"])
    options = parser.parse_args()
    compile_driver()
    passed = failed = 0
    for suite in options.suites:
        version, path = ld_so(suite)
        rng = random.Random(f"{options.seed} {version}")
        names = re.findall(r"^[\w.]+", listing([path, "--list-tunables"], {})[0], re.M)
        aliases = sorted({alias for name, alias in ALIAS.findall(TABLE.read_text())
                          if "glibc." + name in names})
        for i in range(options.count):
            environment = random_environment(rng, names, aliases) if i else {}
            if compare(version, path, environment):
                passed += 1
            else:
                failed += 1
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
