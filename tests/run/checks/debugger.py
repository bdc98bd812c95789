"""gdb in batch mode: breakpoints in libraries that are there at start and in one opened later,
backtraces through them, `info sharedlibrary`; the program started by PT_INTERP and as a command.
"""
import functools
import re
import shutil

from process import execute, text
from toolchain import Unavailable

FIXTURE = "debugger"

SCRIPT = ["set pagination off", "set confirm off", "set breakpoint pending on",
          "set startup-with-shell off", "set debuginfod enabled off",
          "break library_step", "break later_step", "run", "backtrace", "print x", "finish",
          "continue", "backtrace", "info sharedlibrary", "continue"]
WANTED = [r"^Breakpoint 1, .*library_step", r"#0 .*library_step .*library\.c",
          r"#1 .*main .*main\.c", r"^\$1 = 3", r"Value returned is \$2 = 9",
          r"^Breakpoint 2, .*later_step", r"#0 .*later_step .*later\.c",
          r"liblibrary\.so", r"liblater\.so", r"exited normally"]


def session(suite, case, mode):
    myld = suite.myld(case.machine)
    if not shutil.which("gdb"):
        raise Unavailable("gdb is not installed")
    commands = [word for line in SCRIPT for word in ("-ex", line)]
    if mode == "command":
        program = ["--args", str(myld), str(case.dir / "prog")]
    else:
        program = [str(case.program_for({"prog": "prog"}, myld, "myld"))]
    outcome = execute(["gdb", "-nx", "-batch", *commands, *program], cwd=case.dir, timeout=60,
                      env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(case.dir)})
    output = text(outcome.stdout)
    wanted = WANTED
    if case.libc_kind == "glibc" and mode == "command":
        # The program's link_map is the first, and nameless: as under glibc's own loader, a debugger
        # that was started on the loader has to be told of the program.
        wanted = [w for w in WANTED if "main" not in w]
    missing = [w for w in wanted if not re.search(w, output, re.M)]
    if missing:
        return "\n".join(["nothing matches: " + w for w in missing] + [output[-3000:],
                                                                      text(outcome.stderr)[-1000:]])
    return None


def checks(suite, machines):
    if suite.options.oracle:
        return []
    found = []
    for case in suite.cases([m for m in machines if m == "x86_64"], FIXTURE):
        try:
            suite.build(case)
        except RuntimeError:
            continue  # the case itself says so
        found += [(f"debugger/gdb [{case.machine.name} {case.libc_kind} {mode}]",
                   functools.partial(session, suite, case, mode)) for mode in ("command", "interp")]
    return found
