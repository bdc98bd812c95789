"""gdb in batch mode: breakpoints in libraries that are there at start and in one opened later,
backtraces through them, `info sharedlibrary`; the program started by PT_INTERP and as a command.
A library in a namespace of dlmopen, and the probes that glibc's ld.so has.
"""
import functools
import re
import shutil

from process import execute, text
from toolchain import MACHINES, Unavailable

FIXTURE = "debugger"

SCRIPT = ["set pagination off", "set confirm off", "set breakpoint pending on",
          "set startup-with-shell off", "set debuginfod enabled off",
          "break library_step", "break later_step", "run", "backtrace", "print x", "finish",
          "continue", "backtrace", "info sharedlibrary", "continue"]
WANTED = [r"^Breakpoint 1, .*library_step", r"#0 .*library_step .*library\.c",
          r"#1 .*main .*main\.c", r"^\$1 = 3", r"Value returned is \$2 = 9",
          r"^Breakpoint 2, .*later_step", r"#0 .*later_step .*later\.c",
          r"liblibrary\.so", r"liblater\.so", r"exited normally"]


SPACES = ["set pagination off", "set confirm off", "set breakpoint pending on",
          "set startup-with-shell off", "set debuginfod enabled off",
          "break guest_step", "run", "print guest_number", "info sharedlibrary", "finish", "continue"]
WANTED_OF_SPACES = [r"^Breakpoint 1, .*guest_step", r"^\$1 = 7", r"\./libguest\.so",
                    r"Value returned is \$2 = 10", r"exited normally"]

# glibc's elf/: how many arguments each has.
PROBES = {"init_start": 2, "init_complete": 2, "map_start": 2, "map_failed": 2, "map_complete": 3,
          "reloc_start": 2, "reloc_complete": 3, "unmap_start": 2, "unmap_complete": 2}


def run_gdb(case, script, program):
    if not shutil.which("gdb"):
        raise Unavailable("gdb is not installed")
    commands = [word for line in script for word in ("-ex", line)]
    return execute(["gdb", "-nx", "-batch", *commands, *program], cwd=case.dir, timeout=60,
                   env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(case.dir)})


def unmatched(outcome, wanted):
    output = text(outcome.stdout)
    missing = [w for w in wanted if not re.search(w, output, re.M)]
    if not missing:
        return None
    return "\n".join(["nothing matches: " + w for w in missing] + [output[-3000:],
                                                                  text(outcome.stderr)[-1000:]])


def session(suite, case, mode):
    myld = suite.myld(case.machine)
    if mode == "command":
        program = ["--args", str(myld), str(case.dir / "prog")]
    else:
        program = [str(case.program_for({"prog": "prog"}, myld, "myld"))]
    outcome = run_gdb(case, SCRIPT, program)
    wanted = WANTED
    if case.libc_kind == "glibc" and mode == "command":
        # The program's link_map is the first, and nameless: as under glibc's own loader, a debugger
        # that was started on the loader has to be told of the program.
        wanted = [w for w in WANTED if "main" not in w]
    return unmatched(outcome, wanted)


def spaces(suite, case):
    program = [str(case.program_for({"prog": "prog"}, suite.myld(case.machine), "myld"))]
    return unmatched(run_gdb(case, SPACES, program), WANTED_OF_SPACES)


def probes(suite, machine):
    found = {}
    notes = execute(["readelf", "-nW", str(suite.myld(MACHINES[machine]))], cwd=".",
                    env={"PATH": "/usr/bin:/bin"})
    for name, arguments in re.findall(r"Provider: rtld\s+Name: (\w+)\s+Location: .*\s+Arguments: (.*)",
                                      text(notes.stdout)):
        found[name] = len(arguments.split())
    return None if found == PROBES else f"{found}, expected {PROBES}"


def checks(suite, machines):
    if suite.options.oracle:
        return []
    found = []
    for machine in machines:
        found.append((f"debugger/probes [{machine}]", functools.partial(probes, suite, machine)))
    for case, _ in suite.built([m for m in machines if m == "x86_64"], FIXTURE):
        if case.name == "glibc-debugger-spaces":
            found.append((f"debugger/spaces [{case.machine.name}]",
                          functools.partial(spaces, suite, case)))
            continue
        found += [(f"debugger/gdb [{case.machine.name} {case.libc_kind} {mode}]",
                   functools.partial(session, suite, case, mode)) for mode in ("command", "interp")]
    return found
