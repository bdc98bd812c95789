#!/usr/bin/env python3
"""Real programs under the loader, against musl's own loader as the oracle.

Each scenario runs natively (PT_INTERP is musl's loader), then as `LOADER ./program`, then in a copy
whose PT_INTERP is LOADER, so that every child process runs under it as well; standard output and
exit status must be equal. Before that the oracle itself is held to the status the scenario states.

    apps.py [--loader ./myld.so] [--app NAME]... [--only TEXT]
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import sys

import scenario
from scenario import APPS, RUN, TOP, Way

sys.path.insert(0, str(TOP / "tests/lib"))
from selection import choose  # noqa: E402 (the library's folder is named just above)


def arguments():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--loader", default=TOP / "myld.so", type=pathlib.Path)
    parse.add_argument("--app", action="append", choices=scenario.NAMES)
    parse.add_argument("--only", default="", help="scenarios whose name contains this text")
    parse.add_argument("--verbose", action="store_true")
    return parse.parse_args()


def check(case, oracle, ways):
    """-> list of (way, complaint or None); the oracle's own failure counts for every way"""
    want = scenario.run(case, oracle)
    wrong = None
    if want[0] != case.status:
        wrong = f"oracle: exit {want[0]}, the scenario says {case.status}: {want[2][-200:]!r}"
    return [(way, wrong or scenario.difference(want, scenario.run(case, way))) for way in ways]


def check_all(cases, oracle, ways, verbose=False):
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda case: (case, check(case, oracle, ways)), cases)
        for case, outcome in results:
            for way, complaint in outcome:
                passed += complaint is None
                failed += complaint is not None
                if complaint:
                    print(f"FAIL {case.name} [{way.name}]: {complaint}")
                elif verbose:
                    print(f"ok   {case.name} [{way.name}]")
    return passed, failed


def main():
    args = arguments()
    loader = args.loader.resolve()
    if not loader.exists():
        sys.exit(f"apps.py: {loader}: no loader here (make, or --loader)")
    apps = args.app or scenario.NAMES
    scenario.build(apps)
    scenario.build(["busybox"])
    oracle = Way("oracle", [], APPS)
    ways = [Way("command", [loader], APPS),
            Way("interp", [], scenario.with_interpreter(loader, TOP / "build/apps.interp"))]
    shutil.rmtree(RUN, ignore_errors=True)
    scenario.inputs()
    how = " ".join([*(f"--app {app}" for app in args.app or ()), f"--only {args.only}" if args.only else ""])
    cases = choose(scenario.all_scenarios(), lambda case: case.app in apps and args.only in case.name,
                   how.strip(), "scenarios")
    passed, failed = check_all(cases, oracle, ways, args.verbose)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
