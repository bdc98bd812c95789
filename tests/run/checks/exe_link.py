"""What /proc/self says of a program (exe, cmdline, comm, environ, auxv) when it is started by
`myld.so PROGRAM`: with the privileges for that what it says when the kernel starts the program, and without
them what it says of the loader.

Privileges come from a user namespace of its own, so that the tests need no more than others do.
"""
import functools
import os
import re
import shutil

from process import execute, text
from toolchain import BUILD, MACHINES, TOP, Unavailable, libc_of

FIXTURE = "exe-link"
WORDS = ("one", "two words")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "EXTRA": "a variable"}
AS_ROOT = ["unshare", "--user", "--map-root-user"]


def run(case, command, privileges):
    outcome = execute([*privileges, *map(str, command)], ENVIRONMENT, case.dir)
    if privileges and outcome.status and not outcome.stdout:
        raise Unavailable(f"{' '.join(privileges)}: {text(outcome.stderr).strip()}")
    return outcome


def nobody():
    """A way to run without the privileges: in a namespace they would be there again."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        raise Unavailable("setpriv is not installed")
    return ["setpriv", "--reuid", "65534", "--clear-groups"]


def command(case, suite):
    libc = libc_of(case.libc_kind, case.machine.name)
    myld = suite.myld(case.machine, libc)
    return myld, libc.command_options({})


def natural(case, suite):
    """As if the kernel had started the program."""
    myld, options = command(case, suite)
    program = case.program_for({"prog": "prog"}, myld, "myld")
    want = run(case, [program, *WORDS], AS_ROOT)
    got = run(case, [myld, *options, program, *WORDS], AS_ROOT)
    if want.status or "exe: " + os.path.realpath(program) not in text(want.stdout):
        return f"started by the kernel: {want.how()}\n{text(want.stdout + want.stderr)}"
    return None if (got.status, got.stdout) == (want.status, want.stdout) else \
        f"{got.how()}\n{text(got.stdout + got.stderr)}expected:\n{text(want.stdout)}"


def loaders(case, suite, options, privileges):
    """The loader's file and its command line, and the same program."""
    myld, more = command(case, suite)
    got = run(case, [myld, *more, *options, "./prog", *WORDS], privileges)
    lines = [f"exe: {os.path.realpath(myld)}", rf"/proc/self/cmdline: \[{myld}\] .*\[two words\]", r"/proc/self/comm: \[myld.so"]
    missing = [line for line in lines if not re.search(f"^{line}", text(got.stdout), re.M)]
    return f"{got.how()}, missing {missing}\n{text(got.stdout + got.stderr)}" if missing or got.status else None


def verify(case, suite):
    """--verify tells whether it will be so, by one line on standard output, where LD_VERBOSE is set."""
    myld, options = command(case, suite)
    said = re.compile(rf"^./prog: /proc/self/exe will be {os.path.realpath(myld)}, not the program: .*\n$")
    ask = [myld, *options, "--verify", "./prog"]
    with_them = run(case, ask, [*AS_ROOT, "env", "LD_VERBOSE=1"])
    without = run(case, ask, [*nobody(), "env", "LD_VERBOSE=1"])
    quiet = run(case, ask, nobody())
    if (with_them.status, with_them.stdout) != (0, b""):
        return f"with privileges: {with_them.how()}, {text(with_them.stdout + with_them.stderr)}"
    if (quiet.status, quiet.stdout) != (0, b""):
        return f"without LD_VERBOSE: {quiet.how()}, {text(quiet.stdout + quiet.stderr)}"
    if without.status or not said.match(text(without.stdout)):
        return f"without: {without.how()}, {text(without.stdout + without.stderr)}"
    return None


def remapped(machine):
    """The instructions that map the loader's code once more, by a program of their own."""
    program = BUILD / machine.name / "tests-remap"
    sources = [TOP / "tests/run/remap.c", TOP / f"ldso/arch/{machine.name}/remap.S"]
    built = execute([machine.cc, "-static", "-Wall", "-Werror", f"-I{TOP}/ldso", f"-I{TOP}/ldso/arch/{machine.name}",
                     "-o", str(program), *map(str, sources)], ENVIRONMENT, TOP, timeout=120)
    if built.status:
        return text(built.stderr)
    outcome = execute([*([machine.qemu] if machine.qemu else []), str(program)], ENVIRONMENT, TOP)
    return None if (outcome.status, outcome.stdout) == (0, b"") else \
        f"{outcome.how()}\n{text(outcome.stdout + outcome.stderr)}"


def traced(case, suite):
    """Breakpoints in the loader that a debugger has set before stay."""
    if not shutil.which("gdb"):
        raise Unavailable("gdb is not installed")
    myld, options = command(case, suite)
    debugger = ["gdb", "--batch", "-nx", "-ex", "tbreak init_run", "-ex", "run", "--args", myld, *options, "./prog"]
    said = text(run(case, debugger, AS_ROOT).stdout)
    return None if re.search(r"^Temporary breakpoint 1, init_run", said, re.M) else said


def checks(suite, machines):
    if suite.options.oracle:
        return []
    found = [(f"exe-link/remapped [{name}]", functools.partial(remapped, MACHINES[name])) for name in machines]
    for case, _ in suite.built([m for m in machines if m == "x86_64"], FIXTURE):
        name = f"[{case.machine.name} {case.libc_kind}]"
        found += [(f"exe-link/natural {name}", functools.partial(natural, case, suite)),
                  (f"exe-link/traced {name}", functools.partial(traced, case, suite)),
                  (f"exe-link/kept {name}", functools.partial(loaders, case, suite, ["--keep-exe"], AS_ROOT)),
                  (f"exe-link/without privileges {name}",
                   lambda case=case: loaders(case, suite, [], nobody())),
                  (f"exe-link/verify {name}", functools.partial(verify, case, suite))]
    return found
