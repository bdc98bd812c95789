"""The system calls of each operation (the start, dlopen, dlsym, a lazy call, the first access to TLS,
pthread_create ...): none that this glibc's own ld.so does not make in the same place.  A sandbox that
was made for ld.so allows no other.

The program writes each operation's name to a descriptor that does not exist, which the trace shows.
"""
import functools
import re
import shutil

from process import execute, text
from toolchain import Unavailable

FIXTURE = "glibc-calls"
FSTAT = "newfstatat of a descriptor"
# Which libc it is, is not known before its file was looked at.
AT_START = {"fstat": FSTAT, FSTAT: "fstat", "readlink": "readlinkat"}
START = "start"
# From 2.44 on ld.so.cache stays mapped in ld.so, and is looked at again in a dlopen; here it is read again.
KEEPS_CACHE = (2, 44)
READ_CACHE = {"fstat", "mmap", "munmap", "close"}


def operations(trace):
    """{operation: the names of its calls}, from strace -f."""
    now, found = {}, {}
    first = None
    for line in trace.splitlines():
        call = re.match(r"(\d+) +(?:<\.\.\. )?(\w+)(?:\((.*)| resumed)", line)
        if not call or call[2] in ("execve", "write"):
            begin = re.match(r'(\d+) +write\(-1, "([^"]+)"', line)
            if begin:
                now[begin[1]] = begin[2]
                found.setdefault(begin[2], set())  # it may make no call: a join of what has ended
            continue
        first = first or call[1]
        operation = now.get(call[1], START if call[1] == first else "a new thread")
        name = call[2]
        if name == "newfstatat" and re.match(r'\d+, ""', call[3] or ""):
            name = FSTAT
        found.setdefault(operation, set()).add(name)
    return found


def traced(case, libc, loader, mode, tag):
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent"}
    # What it takes to change /proc/self/exe is asked for by nobody else.
    kept = ["--keep-exe"] if tag == "myld" else []
    command = [str(loader), *kept, *libc.command_options(env), str(case.dir / "prog")]
    if mode == "interp":
        command = [str(case.program_for({"prog": "prog"}, loader, tag))]
        env = libc.interp_env(env)
    trace = case.dir / f"calls.{tag}.{libc.suite}.{mode}"
    options = [word for name, value in env.items() for word in ("-E", f"{name}={value}")]
    outcome = execute(["strace", "-f", *options, "-o", str(trace), *command], cwd=case.dir, timeout=60,
                      env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    return operations(trace.read_text()) if outcome.status == 0 else text(outcome.stderr)[-2000:]


def compare(suite, case, libc, mode):
    myld = suite.myld(case.machine)
    if not shutil.which("strace"):
        raise Unavailable("strace is not installed")
    wanted = traced(case, libc, libc.libc, mode, f"oracle-{libc.suite}")
    got = traced(case, libc, myld, mode, "myld")
    if not isinstance(wanted, dict) or not isinstance(got, dict):
        return f"ld.so: {wanted}\nmyld.so: {got}"
    problems = [] if wanted.keys() == got.keys() else [f"operations: {sorted(wanted)}, {sorted(got)}"]
    for operation, calls in got.items():
        allowed = set(wanted.get(operation, ()))
        if "stat" in allowed:
            allowed.add("newfstatat")  # the same on a path; machines that are newer have no stat
        if operation == START:
            allowed |= {AT_START[name] for name in allowed if name in AT_START}
        if operation == "dlopen that fails" and tuple(map(int, libc.number.split("."))) >= KEEPS_CACHE:
            allowed |= READ_CACHE
        if "thread" in operation:
            allowed.add("futex")  # libc's; whether a thread has to wait depends on the moment
        if calls - allowed:
            problems.append(f"{operation}: {', '.join(sorted(calls - allowed))}; ld.so makes only "
                            + (", ".join(sorted(allowed)) or "none"))
    return "\n".join(problems) or None


def checks(suite, machines):
    if suite.options.oracle:
        return []
    found = []
    for case, libcs in suite.built([m for m in machines if m == "x86_64"], FIXTURE):
        found += [(f"syscalls [{case.machine.name} glibc {libc.version} {mode}]",
                   functools.partial(compare, suite, case, libc, mode))
                  for libc in libcs for mode in ("command", "interp")]
    return found
