#!/usr/bin/env python3
"""Runs real programs under myld.so and under the system's loader and compares what they do.

Every case of testbins/ is built for every machine and run as a command (myld.so ./prog) and as
PT_INTERP, natively or under qemu-user, with every libc version at hand; its own loader is the
oracle where it can run the case, otherwise the case's expectation file.  The last line of the
output is "N passed, N failed, N skipped"; a failure or a skip says why.
"""
import argparse
import concurrent.futures
import functools
import importlib
import os
import pathlib
import subprocess
import sys
import threading
import time
import traceback

from case import read_cases
from process import Outcome, difference, execute
from toolchain import BUILD, MACHINES, TOP, Unavailable, libc_of

PLAIN = {"stdout": [], "stderr": [], "only_errors": False}
CHECKS = ("broken", "debugger", "search", "setuid")  # modules with checks(suite) -> [(name, function)]


class Suite:
    """What is being tested and the tally."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.passed = self.failed = self.skipped = 0
        self.elffacts = BUILD / "tests" / "elffacts"

    def build_tools(self):
        """The C tools of the runner; once, before any job."""
        source = TOP / "tests" / "run" / "elffacts.c"
        if self.elffacts.exists() and self.elffacts.stat().st_mtime > source.stat().st_mtime:
            return
        self.elffacts.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", str(source), "-o",
                        str(self.elffacts), "-lelf"], check=True)

    def myld(self, machine):
        """The loader for a machine, or None where only the oracles are to be run."""
        if self.options.oracle:
            return None
        path = TOP / "build" / machine.name / "myld.so"
        if not path.exists():
            raise Unavailable(f"{path} is not built (make ARCH={machine.name})")
        return path

    def build(self, case):
        """The libcs at hand for a case, which is built against the first of them; [] for none."""
        libcs, _ = self.libcs(case.libc_kind, case.machine.name)
        if libcs:
            case.build(libcs[0])
        return libcs

    def report(self, status, label, detail=""):
        with self.lock:
            setattr(self, status, getattr(self, status) + 1)
            if status != "passed" or self.options.verbose:
                print(f"{status.upper():7} {label}")
                for line in detail.splitlines():
                    print(f"        {line}")
                sys.stdout.flush()

    def attempt(self, label, function):
        """Runs function, which returns None or what is wrong."""
        try:
            problem = function()
        except Unavailable as reason:
            return self.report("skipped", label, str(reason))
        except Exception:
            problem = traceback.format_exc()
        self.report("failed" if problem else "passed", label, problem or "")

    @functools.cache
    def libcs(self, kind, machine_name):
        """([libc], [(label, reason)]): the libcs at hand, the base one first, and those that are
        not."""
        suites = MACHINES[machine_name].suites if kind == "musl" else [None]
        have, missing = [], []
        for suite in suites if self.options.matrix else suites[:1]:
            try:
                have.append(libc_of(kind, machine_name, suite))
            except Unavailable as reason:
                missing.append((f"{kind} {suite} [{machine_name}]", str(reason)))
        return have, missing


def base_env(run, case, libc, myld):
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    env.update({k: case.substitute(v, libc, myld) for k, v in run["env"].items()})
    return env


def given_name(run):
    """The program as one would type it in the folder where the case runs."""
    return os.path.join(os.path.relpath(".", run["cwd"]), run["prog"])


def run_oracle(case, run, libc):
    """As PT_INTERP, the way the system would run it."""
    args = [case.substitute(a, libc, "") for a in run["args"]]
    program = case.dir / run["prog"]
    if not case.is_static(run["prog"]):
        program = case.program_for(run, libc.libc, f"oracle-{libc.version}")
    command = libc.machine.command(libc.root, str(program), [given_name(run)] + args,
                                   libc.oracle_env(base_env(run, case, libc, "")))
    return execute(cwd=case.dir / run["cwd"], stdin=run["stdin"], timeout=run["timeout"], **command)


def run_myld(case, run, libc, myld, mode):
    """As a command or as PT_INTERP."""
    args = [case.substitute(a, libc, myld) for a in run["args"]]
    env = base_env(run, case, libc, myld)
    if libc.root != pathlib.Path("/") and libc.machine.native and "LD_LIBRARY_PATH" not in env:
        env["LD_LIBRARY_PATH"] = str(libc.libc.parent)
    if mode == "command":
        options = [case.substitute(o, libc, myld) for o in run["options"]]
        program = [] if run["as"] == "" else [run["as"] or given_name(run)]
        executable, argv = str(myld), [str(myld)] + options + program + args
    else:
        program = case.program_for(run, myld, "myld")
        executable, argv = str(program), [given_name(run)] + args
    command = libc.machine.command(libc.root, executable, argv, env)
    return execute(cwd=case.dir / run["cwd"], stdin=run["stdin"], timeout=run["timeout"], **command)


def expectation(case, run, libc):
    """What the case says, or what the oracle does.  None if only the oracle could know."""
    if run["expect"] is not None or not run["oracle"]:
        said = (case.folder / run["expect"]).read_bytes() if run["expect"] else b""
        return Outcome(said, b"", run["exit"] or 0)
    return run_oracle(case, run, libc)


def run_one(suite, case, run, libc):
    label = f"{run['name']} [{case.machine.name} {libc.name} {libc.version}"
    want = expectation(case, run, libc)
    if run["oracle"] and run["expect"] is not None:
        suite.attempt(f"{label} oracle]", lambda: difference(want, run_oracle(case, run, libc), PLAIN))
    elif run["oracle"] and (want.timed_out or want.status < 0 or want.status != (run["exit"] or 0)):
        return suite.report("failed", f"{label} oracle]", f"the oracle: {want.how()}\n" +
                            want.stderr.decode(errors="replace"))
    if suite.options.oracle:
        if run["oracle"] and run["expect"] is None:
            suite.report("passed", f"{label} oracle]", want.stdout.decode(errors="replace"))
        return
    for mode in run["modes"]:
        if mode == "interp" and (case.is_static(run["prog"]) or run["options"] or run["as"] is not None):
            continue
        suite.attempt(f"{label} {mode}]", lambda: difference(
            want, run_myld(case, run, libc, suite.myld(case.machine), mode), run))


def run_case(suite, case):
    label = f"{case.name} [{case.machine.name}]"
    try:
        libcs = suite.build(case)
    except Exception as error:
        return suite.report("failed", f"{label} build", str(error))
    if case.has and libcs:
        suite.attempt(f"{label} contents", lambda: case.check_contents(suite.elffacts))
    for libc in libcs:
        if libc.base or case.matrix:
            for run in case.runs:
                if case.machine.name in (run["machines"] or MACHINES):
                    run_one(suite, case, run, libc)


def jobs_of(suite):
    """(label, function) of everything that is to be run."""
    options = suite.options
    machines = options.machine or list(MACHINES)
    jobs = [(c.name, functools.partial(run_case, suite, c))
            for c in read_cases(machines, options.filter)]
    for name in CHECKS:
        for label, function in importlib.import_module(name).checks(suite, machines):
            if options.filter in label:
                jobs.append((label, functools.partial(suite.attempt, label, function)))
    return jobs


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filter", default="", help="only cases whose name contains this")
    parser.add_argument("--machine", action="append", choices=MACHINES, help="only this machine")
    parser.add_argument("--matrix", action="store_true", help="every libc version, not the base only")
    parser.add_argument("--oracle", action="store_true", help="run the oracles alone")
    parser.add_argument("-j", type=int, default=os.cpu_count() or 1, help="jobs side by side")
    parser.add_argument("-v", "--verbose", action="store_true", help="name what passes too")
    return parser.parse_args(argv)


def main(argv):
    suite = Suite(parse(argv))
    started = time.monotonic()
    suite.build_tools()
    jobs = jobs_of(suite)
    for kind in ("musl", "free"):
        for name in suite.options.machine or MACHINES:
            for label, reason in suite.libcs(kind, name)[1]:
                suite.report("skipped", label, reason)
    with concurrent.futures.ThreadPoolExecutor(suite.options.j) as pool:
        futures = {pool.submit(function): label for label, function in jobs}
        for future in concurrent.futures.as_completed(futures):
            error = future.exception()
            if error:
                suite.report("failed", futures[future],
                             "".join(traceback.format_exception(error)))
    print(f"{time.monotonic() - started:.0f} s")
    numbers = (suite.passed, suite.failed, suite.skipped)
    print("%d passed, %d failed, %d skipped" % numbers)
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
