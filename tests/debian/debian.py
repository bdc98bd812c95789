#!/usr/bin/env python3
"""A whole Debian on the loader: maintainer scripts, apt, builds, test suites, users.

    debian.py [--suite SUITE] [--machine MACHINE] [--short] [PART...]

Two roots of the suite by debootstrap: one as it is, and one in which myld.so has taken ld-linux's place by the recipe of
docs/package/README.md before any program of it has run. Each part does the same in both and has to end the same.
--short: the second root alone, and of the parts those that need no oracle. Another machine's root is run by qemu-user.
The roots stay in build/debian/.
"""
import argparse
import concurrent.futures
import difflib
import os
import re
import shutil
import sys
import time

import parts
import roots

REPEATS = 3  # of tests that depend on the time or the load, where they differ
PARTS = {part.__name__: part for part in (*parts.FULL, *parts.SHORT)}


def attempt(part, root, *tests):
    """What came out, which is kept beside the root, and the seconds."""
    start = time.monotonic()
    try:
        result = part(root, *tests)
    except RuntimeError as error:
        result = f"FAILED: {error}"
    if not tests:
        (root.path.parent / f"{part.__name__}.{root.kind}.txt").write_text(result)
    return result, time.monotonic() - start


def in_both(part, own, myld, *tests):
    """The part runs in both roots at once, in each with one processor's worth of work."""
    with concurrent.futures.ThreadPoolExecutor(2) as both:
        return both.map(lambda root: attempt(part, root, *tests), (own, myld))


def sections(said):
    """What each test said, of a part whose tests have a line "== NAME" each."""
    return dict(re.findall(r"^== (.*)\n((?:(?!== ).*\n?)*)", said, re.M))


def differing(want, got):
    want, got = sections(want), sections(got)
    return [name for name in want | got if want.get(name) != got.get(name)]


def compare(part, own, myld):
    """None, or how the two differ."""
    (want, spent), (got, used) = in_both(part, own, myld)
    print(f"{part.__name__}: {spent:.0f} s, with myld.so {used:.0f} s; {len(want.splitlines())} lines compared", flush=True)
    for _ in range(REPEATS if part in parts.REPEATED and not want.startswith("FAILED") else 0):
        if tests := differing(want, got):
            (want, _), (got, _) = in_both(part, own, myld, " ".join(tests))
            print(f"{part.__name__} again: {' '.join(tests)}", flush=True)
    if want.startswith("FAILED"):
        return f"by the system's own loader: {want}"
    if got == want:
        return None
    return "\n".join(list(difflib.unified_diff(want.splitlines(), got.splitlines(), "ld.so", "myld.so", n=0))[:60])


def whole(part, myld):
    got, used = attempt(part, myld)
    print(f"{part.__name__}: {used:.0f} s", flush=True)
    return got or None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--machine", choices=roots.MACHINES, default=os.uname().machine)
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        print("SKIPPED debian: it needs root, and debootstrap\n0 passed, 0 failed, 1 skipped")
        return 0
    machine = roots.MACHINES[options.machine]
    myld = roots.make(options.suite, machine, "myld")
    if options.short:
        problems = {part.__name__: whole(part, myld) for part in parts.SHORT}
    else:
        own = roots.make(options.suite, machine, "own")
        problems = {name: compare(part, own, myld) for name, part in PARTS.items()
                    if (name in options.parts if options.parts else part in parts.of(machine))}
    for name, problem in problems.items():
        if problem:
            print(f"FAILED  {options.suite}/{name}")
            print("\n".join(f"        {line}" for line in problem.splitlines()))
    failed = sum(bool(problem) for problem in problems.values())
    print(f"{len(problems) - failed} passed, {failed} failed, 0 skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
