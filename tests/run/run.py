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
import tempfile
import threading
import time
import traceback
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from case import descriptions, read_cases  # noqa: E402 (the library's folder is named just above)
from process import Outcome, difference, execute  # noqa: E402
from selection import nothing_matches  # noqa: E402
from toolchain import BUILD, MACHINES, TOP, BuiltGlibc, Machine, Unavailable, libc_of  # noqa: E402

PLAIN = {"stdout": [], "stderr": [], "only_errors": False}
KINDS = ("musl", "glibc", "free")
IN_TURNS = {"musl": 2, "glibc": 3, "free": 1}  # with --matrix: how many versions of a libc a fixture takes
INHERITED = {}  # with --loader: what of our own environment says where layouts are that were learnt
OF_CACHE = ("cache-commands",)  # fixtures of what a loader without the cache has not
# Modules of checks/ with FIXTURE and checks(suite, machines) -> [(name, function)].
CHECKS = ("audit", "broken", "cache_commands", "debug_output", "debugger", "exe_link", "foreign", "root", "search",
          "setuid", "syscalls", "valgrind", "words")


class Suite:
    """What is being tested and the tally."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.passed = self.failed = self.skipped = 0
        self.twice = self.remembered = 0  # with --cache: cases; those whose second start went by a plan
        self.elffacts = BUILD / "tests" / "elffacts"

    def build_tools(self):
        """The C tools of the runner; once, before any job."""
        source = TOP / "tests" / "lib" / "elffacts.c"
        if self.elffacts.exists() and self.elffacts.stat().st_mtime > source.stat().st_mtime:
            return
        self.elffacts.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", str(source), "-o",
                        str(self.elffacts), "-lelf"], check=True)

    def myld(self, machine, libc=None):
        """The loader for a machine, or None where only the oracles are to be run."""
        if self.options.oracle:
            return None
        if self.options.stand_in:
            return libc.libc
        if self.options.loader:
            return self.options.loader
        build = machine.name + ("-nocache" if self.options.no_cache else "")
        path = TOP / "build" / build / "myld.so"
        if not path.exists():
            raise Unavailable(f"{path} is not built (make ARCH={machine.name})")
        return path

    def build(self, case):
        """The libcs at hand for a case, which is built against the first of them; [] for none."""
        libcs, _ = self.libcs(case.libc_kind, case.machine.name)
        if libcs:
            case.build(libcs[0])
        return self.glibcs(case.machine) if self.options.glibc else libcs

    @functools.cache
    def glibcs(self, machine):
        """Those of --glibc."""
        return [BuiltGlibc(machine, name) for name in self.options.glibc]

    def sample(self, case, libcs):
        """Fixtures take turns with the versions of their libc, unless they are asked for."""
        if not case.matrix:
            return libcs
        turn, number = zlib.crc32(case.name.encode()), self.in_turns(case.machine, case.libc_kind, len(libcs))
        return [libcs[(turn + i) % len(libcs)] for i in range(number)]

    def in_turns(self, machine, kind, all_versions):
        """How many versions of a libc a fixture takes: one is enough under an emulator, and for what other
        runs do with all."""
        options = self.options
        if options.filter or options.fixture or options.every:
            return all_versions
        if options.matrix:
            return min(all_versions, 1 if machine.qemu else IN_TURNS[kind])
        return min(all_versions, 1) if options.cache or options.no_cache else all_versions

    def cases(self, machines, pattern):
        """The cases whose name contains the pattern, for each kind of libc that is asked for."""
        return [case for case in read_cases(machines, pattern)
                if case.libc_kind in (self.options.libc or KINDS)]

    def built(self, machines, pattern):
        """The same with the libcs at hand, but for cases that do not build, which say so themselves."""
        for case in self.cases(machines, pattern):
            try:
                yield case, self.build(case)
            except RuntimeError:
                continue

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
        suites = MACHINES[machine_name].suites[kind]
        have, missing = [], []
        for suite in suites if self.options.matrix else suites[:Machine.quick[kind]]:
            try:
                have.append(libc_of(kind, machine_name, suite))
            except Unavailable as reason:
                missing.append((f"{kind} {suite} [{machine_name}]", str(reason)))
        return have, missing


def base_env(run, case, libc, myld):
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "MYLD_CACHE": "off"}
    env.update(INHERITED if myld else {})
    env.update({k: case.substitute(v, libc, myld) for k, v in run["env"].items()})
    return env


def given_name(run):
    """The program as one would type it in the folder where the case runs."""
    return os.path.join(os.path.relpath(".", run["cwd"]), run["prog"])


def run_oracle(case, run, libc):
    """As PT_INTERP, the way the system would run it; once more if it does not end, for the libcs' own loaders
    have races as well."""
    args = [case.substitute(a, libc, "") for a in run["args"]]
    program = case.dir / run["prog"]
    if not case.is_static(run["prog"]):
        program = case.program_for(run, libc.libc, f"oracle-{libc.suite}")
    command = libc.machine.command(libc.root, str(program), [given_name(run)] + args,
                                   libc.oracle_env(base_env(run, case, libc, "")))
    once = functools.partial(execute, cwd=case.dir / run["cwd"], stdin=run["stdin"], timeout=run["timeout"], **command)
    outcome = once()
    return once() if outcome.timed_out else outcome


def tag_of(case, libc, myld):
    """What tells the copies of a program with different loaders as PT_INTERP apart."""
    if myld == libc.libc:
        return f"oracle-{libc.suite}"
    folder = pathlib.Path(myld).parent.name
    return "myld" if folder.startswith(case.machine.name) else f"myld.{folder}"


def run_myld(case, run, libc, myld, mode, more):
    """As a command or as PT_INTERP; more: environment."""
    args = [case.substitute(a, libc, myld) for a in run["args"]]
    env = base_env(run, case, libc, myld) | more
    if mode == "command":
        options = libc.command_options(env) + [case.substitute(o, libc, myld) for o in run["options"]]
        program = [] if run["as"] == "" else [run["as"] or given_name(run)]
        executable, argv = str(myld), [str(myld)] + options + program + args
    else:
        env = libc.interp_env(env)
        program = case.program_for(run, myld, tag_of(case, libc, myld))
        executable, argv = str(program), [given_name(run)] + args
    command = libc.machine.command(libc.root, executable, argv, env)
    return execute(cwd=case.dir / run["cwd"], stdin=run["stdin"], timeout=run["timeout"], **command)


def run_remembered(suite, case, run, libc, want, mode):
    """Twice, with a directory of its own for what starts leave: the second may go by what the first has
    left.  Both do as is wanted."""
    with tempfile.TemporaryDirectory(dir=BUILD) as home:
        store = pathlib.Path(home) / "myld"
        store.mkdir(mode=0o700)
        settle(case)
        more = {"MYLD_CACHE": suite.options.cache, "XDG_CACHE_HOME": home}
        for start in ("recording", "replaying"):
            before = plans(store)
            problem = difference(want, run_myld(case, run, libc, suite.myld(case.machine, libc), mode, more), run)
            if problem:
                return f"{start}: {problem}"
            suite.remembered += bool(before) and plans(store) == before
        suite.twice += 1
    return None


def settle(case):
    """A file that was made just now has times that a plan does not believe."""
    young = time.time() - max(p.stat().st_ctime for p in case.dir.rglob("*"))
    time.sleep(max(0, 0.05 - young))


def plans(store):
    return {(p.name, p.stat().st_mtime_ns) for p in store.iterdir() if p.suffix == ".plan"}


def start(suite, case, run, libc, want, mode):
    if suite.options.cache:
        return run_remembered(suite, case, run, libc, want, mode)
    return difference(want, run_myld(case, run, libc, suite.myld(case.machine, libc), mode, {}), run)


def expectation(case, run, libc):
    """What the case says, or what the oracle does.  None if only the oracle could know."""
    if run["expect"] is not None or not run["oracle"]:
        said = (case.folder / run["expect"]).read_bytes() if run["expect"] else b""
        return Outcome(said, b"", run["exit"] or 0)
    return run_oracle(case, run, libc)


def run_one(suite, case, run, libc):
    label = f"{run['name']} [{case.machine.name} {libc.name} {libc.version}"
    want = expectation(case, run, libc)
    run = {**run, **{key: [case.substitute(pattern, libc, "") for pattern in run[key]]
                     for key in ("stdout", "stderr")}}
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
        suite.attempt(f"{label} {mode}]", lambda: start(suite, case, run, libc, want, mode))


def wanted(suite, run, libc):
    """Whether a run is meant for this machine and this libc (its kind, its version, or both)."""
    names = {libc.name, libc.number, f"{libc.name} {libc.number}"}
    return libc.machine.name in (run["machines"] or MACHINES) and \
        (run["libc"] is None or names & set(run["libc"])) and not names & set(run["libc_not"]) and \
        not (suite.options.stand_in and (not run["oracle"] or run["options"]))


def run_case(suite, case):
    label = f"{case.name} [{case.machine.name} {case.libc_kind}]"
    try:
        libcs = suite.build(case)
    except Exception as error:
        return suite.report("failed", f"{label} build", str(error))
    if case.has and libcs:
        suite.attempt(f"{label} contents", lambda: case.check_contents(suite.elffacts))
    for libc in suite.sample(case, libcs):
        if libc.base or case.matrix:
            for run in case.runs:
                if wanted(suite, run, libc):
                    run_one(suite, case, run, libc)


def left_out(options, fixture):
    """Whether the options leave a fixture out, and its checks."""
    return bool(options.fixture and fixture not in options.fixture) or (options.no_cache and fixture in OF_CACHE)


def is_chosen(options, case):
    return options.filter in case.name and not left_out(options, case.folder.name)


def chosen_checks(suite, machines):
    """-> ([(label, function)] of what the modules do, [what of it is left out])"""
    options = suite.options
    for option in ("stand_in", "cache", "loader", "glibc"):
        if getattr(options, option):
            return [], [f"left out with --{option.replace('_', '-')}: the modules {', '.join(CHECKS)}"]
    modules = {name: importlib.import_module(f"checks.{name}") for name in CHECKS}
    others = [n for n, m in modules.items() if left_out(options, m.FIXTURE)]
    found = [check for n, m in modules.items() if n not in others for check in m.checks(suite, machines)]
    chosen = [(label, function) for label, function in found if options.filter in label]
    said = [f"left out by {filter_of(options)}: the modules {', '.join(others)}"] if others else []
    if len(chosen) < len(found):
        said.append(f"left out by --filter {options.filter}: {len(found) - len(chosen)} of {len(found)} "
                    "checks of the modules")
    return chosen, said


def scope(suite, machines):
    """What the options leave out whatever the fixture."""
    said = []
    kinds = suite.options.libc or KINDS
    for option, run, everything in (("--machine", machines, MACHINES), ("--libc", kinds, KINDS)):
        others = [name for name in everything if name not in run]
        if others:
            said.append(f"left out by {option} {' '.join(run)}: {', '.join(others)}")
    older = [f"{kind} of {', '.join(suites[Machine.quick[kind]:])} [{name}]" for name in machines for kind in kinds
             for suites in [MACHINES[name].suites[kind]] if suites[Machine.quick[kind]:]]
    if older and not suite.options.matrix:
        said.append(f"left out without --matrix: {'; '.join(older)}")
    sampled = []
    for machine, kind in ((MACHINES[name], kind) for name in machines for kind in kinds):
        some = len(machine.suites[kind]) if suite.options.matrix else machine.quick[kind]
        if (number := suite.in_turns(machine, kind, some)) < some:
            sampled.append(f"{number} {kind} [{machine.name}]")
    if sampled:
        said.append(f"left out without --every: of each fixture all versions but {', '.join(sampled)}")
    return said


def filter_of(options):
    said = [f"--filter {options.filter}"] if options.filter else []
    said += [f"--fixture {' '.join(options.fixture)}"] if options.fixture else []
    return " ".join(said + (["--no-cache"] if options.no_cache else []))


def other_fixtures(options, every, cases):
    """What is left out of the fixtures: every: the cases of these machines and libcs, cases: those chosen."""
    names, run = (list(dict.fromkeys(case.folder.name for case in some)) for some in (every, cases))
    said = []
    if len(names) < len(descriptions()):
        said.append(f"left out as not meant for these machines and libcs: {len(descriptions()) - len(names)} fixtures")
    if len(run) < len(names):
        said += [f"fixtures: {', '.join(run) or 'none'}",
                 f"left out by {filter_of(options)}: {len(names) - len(run)} of {len(names)} fixtures"]
    return said


def jobs_of(suite):
    """(label, function) of everything that is to be run, after lines that say what is not."""
    options = suite.options
    machines = options.machine or list(MACHINES)
    every = suite.cases(machines, "")
    cases = [case for case in every if is_chosen(options, case)]
    checks, said = chosen_checks(suite, machines)
    if not cases and not checks:
        nothing_matches(filter_of(options), len(every), "cases")
    print("\n".join(scope(suite, machines) + other_fixtures(options, every, cases) + said), flush=True)
    return [(case.name, functools.partial(run_case, suite, case)) for case in cases] + [
        (label, functools.partial(suite.attempt, label, function)) for label, function in checks]


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filter", default="", help="only cases and checks whose name contains this")
    parser.add_argument("--fixture", action="append", help="only the fixture called so, and its checks")
    parser.add_argument("--machine", action="append", choices=MACHINES, help="only this machine")
    parser.add_argument("--libc", action="append", choices=KINDS, help="only this kind of libc")
    parser.add_argument("--glibc", action="append", metavar="NAME",
                        help="with these glibcs in build/glibc/ (tests/builds) in the place of Debian's")
    parser.add_argument("--matrix", action="store_true", help="every libc version, not the base only")
    parser.add_argument("--every", action="store_true",
                        help="with --matrix: all versions for each fixture, not some in turns")
    parser.add_argument("--oracle", action="store_true", help="run the oracles alone")
    parser.add_argument("--stand-in", action="store_true",
                        help="test the tests: each oracle in the place of myld.so (for --libc glibc)")
    parser.add_argument("--cache", choices=("bindings", "snapshot"),
                        help="start each case twice, the second time by what the first has left")
    parser.add_argument("--loader", type=pathlib.Path, help="this loader, of the one machine that is named")
    parser.add_argument("--no-cache", action="store_true",
                        help="the loader that was built with CACHE=no")
    parser.add_argument("-j", type=int, default=os.cpu_count() or 1, help="jobs side by side")
    parser.add_argument("-v", "--verbose", action="store_true", help="name what passes too")
    options = parser.parse_args(argv)
    if options.glibc:
        options.libc, options.machine = ["glibc"], ["x86_64"]
    return options


def main(argv):
    suite = Suite(parse(argv))
    started = time.monotonic()
    if suite.options.loader:
        INHERITED.update({name: os.environ[name] for name in ("XDG_CONFIG_HOME", "MYLD_NO_SYSTEM_LOADER")
                          if name in os.environ})
    suite.build_tools()
    jobs = jobs_of(suite)
    for kind in suite.options.libc or KINDS:
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
    if suite.twice:
        print(f"{suite.remembered} of {suite.twice} second starts went by a plan")
    print(f"{time.monotonic() - started:.0f} s")
    numbers = (suite.passed, suite.failed, suite.skipped)
    print("%d passed, %d failed, %d skipped" % numbers)
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
