#!/usr/bin/env python3
"""Fault injection: every system call of the loader fails once, in a start, a dlopen and a dlclose, with
musl and with glibc; and in starts that leave plans or snapshots, or go by them.

strace runs each program and says which of its calls come from the loader's code: their instruction
pointer lies in myld.so, whose place is fixed by switching off the randomization.  Then each of them
fails once (strace's inject) with each of the errors below.  What may come of it:

  * all is well: the right output, exit 0, nothing on standard error;
  * at the start: the lines of an error, nothing run, exit 127;
  * in a dlopen: refused with a text; mappings, descriptors and the registry are as before, the
    program goes on and the next dlopen of the same library succeeds (opener.c);
  * in a dlclose (glibc: musl unloads nothing): refused with a text and the library stays, or it goes
    and all is as before its dlopen (closer.c);
  * in a start that leaves something for others: what is done for that alone never ends it;
  * at the first use of a library's TLS, which has no way to report an error: one line and exit 127.

What is accepted as left behind: what munmap refused to remove stays mapped, but the registry must go
on to know it; and the descriptor of a close that strace did not let happen (a real one frees it
whatever it returns, close(2)).

  --all    every call with every error; else with one of them, always the same one
  --only TEXT  only ways to start whose name has this in it
  -v       say what came of each case

The environment's MYLD names another loader than the one that was built.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import platform
import random
import re
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from elf import PT_LOAD, Elf  # noqa: E402 (the library's folder is named just above)
from process import execute, is_error_line, text  # noqa: E402
from selection import choose  # noqa: E402
from toolchain import BUILD  # noqa: E402

ERRORS = ("ENOMEM", "EACCES", "EMFILE", "EIO", "EINTR")
# What sys.c repeats after EINTR.
REPEATED = ("openat", "read", "pread64", "fstat", "newfstatat", "mmap", "mprotect", "munmap")
# A list that can't be read is told, and the program starts without it.
PRELOAD, PRELOAD_CALLS = "/etc/ld.so.preload is ignored; skipped /etc/ld.so.preload", ("openat", "read", "fstat")
SOURCES = pathlib.Path(__file__).resolve().parent
OUT = BUILD / "fault"
MYLD = pathlib.Path(os.environ.get("MYLD", BUILD / "x86_64" / "myld.so")).resolve()
FIXED = ["setarch", "-R", "strace"]
CALL = re.compile(r"\[([0-9a-f]+)\] (\w+)\((.*)")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "MYLD_CACHE": "off"}
# Calls that only serve what is left for later starts.
LEAVING = ("pwrite64", "renameat2", "unlinkat", "getdents64", "personality", "statfs", "faccessat",
           "clock_gettime")

# mode and replaying: of starts with plans; mode "off": without.
Way = collections.namedtuple("Way", "name libc front program mode replaying", defaults=("off", False))
Case = collections.namedtuple("Case", "way call nth error line")
COMPILERS = {"musl": "musl-gcc", "glibc": "gcc"}
STARTS = {
    "as a command": [str(MYLD)],
    "by PT_INTERP": [],
    "with --library-path": [str(MYLD), "--library-path", "/nowhere:."],
}
UNLISTED = "unlisted"  # a folder
PROGRAMS = {"musl": ("hello", "opener"), "glibc": ("hello", "opener", "closer")}


# ---- The programs ----

def compile_one(libc, output, source, *flags):
    done = subprocess.run([COMPILERS[libc], "-O1", "-fPIC", "-o", output, str(SOURCES / source), "-L.",
                           "-Wl,--no-as-needed,-rpath,$ORIGIN", *flags], cwd=OUT / libc, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError(f"{libc}/{output}: {done.stdout}")


def build(libc):
    shutil.rmtree(OUT / libc, ignore_errors=True)
    (OUT / libc).mkdir(parents=True)
    for name, needs in (("second", ""), ("first", "second"), ("dependency", ""),
                        ("good", "dependency"), ("spare", ""), ("gone", ""),
                        ("half", "good spare gone")):
        compile_one(libc, f"lib{name}.so", f"{name}.c", "-shared", f"-Wl,-soname,lib{name}.so",
                    *(f"-l{n}" for n in needs.split()))
    (OUT / libc / "libgone.so").unlink()
    for name in PROGRAMS[libc]:
        compile_one(libc, name, f"{name}.c", f"-Wl,-dynamic-linker,{MYLD}",
                    *(["-lfirst", "-lsecond"] if name == "hello" else []))


def build_unlisted():
    """The machine's libc with another build-id: the loader has to read the ld-linux beside it."""
    folder = OUT / "glibc" / UNLISTED
    folder.mkdir()
    for name in ("libc.so.6", "ld-linux-x86-64.so.2"):
        shutil.copy(pathlib.Path("/lib/x86_64-linux-gnu") / name, folder)
    libc = folder / "libc.so.6"
    notes = subprocess.run(["readelf", "-n", libc], check=True, text=True, stdout=subprocess.PIPE).stdout
    build_id = bytes.fromhex(re.search(r"Build ID: (\w+)", notes)[1])
    libc.write_bytes(libc.read_bytes().replace(build_id, build_id[::-1]))


# ---- Which calls there are ----

def command(way):
    return [*way.front, f"./{way.program}"]


def strace_of(way):
    """Where addresses are no secret no snapshot is left: then the place of the loader is known otherwise."""
    return FIXED[2:] if way.mode == "snapshot" and not way.replaying else FIXED


def plans(store):
    return {(p.name, p.stat().st_ino, p.stat().st_mtime_ns) for p in store.iterdir()} if store.exists() else {}


def environment(way):
    """With the thread's own directory of plans: empty, or with one that a start will go by."""
    if way.mode == "off":
        return ENVIRONMENT
    place = OUT / f"cache-{threading.get_ident()}-{way.mode}"
    env = {**ENVIRONMENT, "MYLD_CACHE": way.mode, "XDG_CACHE_HOME": str(place)}
    if way.replaying and plans(place / "myld") and plans(place / "myld") == left.get(place):
        return env
    shutil.rmtree(place, ignore_errors=True)
    (place / "myld").mkdir(parents=True)
    (place / "myld").chmod(0o700)
    if way.replaying:
        execute(command(way), env, OUT / way.libc)
        left[place] = plans(place / "myld")
        if len(left[place]) != 1 + (way.mode == "snapshot"):
            raise RuntimeError(f"{way.name}: nothing was left to go by: {left[place]}")
    return env


left = {}  # directory: its files, after the start that made them


def loader_size():
    elf = Elf(MYLD.read_bytes())
    return elf.segment(PT_LOAD, -1, "p_vaddr") + elf.segment(PT_LOAD, -1, "p_memsz")


def trace(way):
    """(outcome, [(instruction pointer, call, line)]) of a run without faults."""
    log = OUT / "trace"
    outcome = execute([*strace_of(way), "-i", "-o", str(log), *command(way)], environment(way), OUT / way.libc)
    calls = [CALL.match(line) for line in log.read_text().splitlines()]
    return outcome, [(int(c.group(1), 16), c.group(2), c.group(3)) for c in calls if c]


def cases_of(way):
    """The outcome without a fault, and a case for each call of the loader and each error."""
    where = execute([*FIXED[:-1], *way.front, "./hello", "base"], ENVIRONMENT, OUT / way.libc)
    base = int(text(where.stdout), 16)
    outcome, calls = trace(way)
    if strace_of(way) != FIXED:  # the first call of all is the loader's
        base += calls[1][0] - trace(way._replace(mode="off"))[1][1][0]
    end = base + loader_size()
    seen = collections.Counter()
    cases = []
    for at, call, line in calls:
        seen[call] += 1
        if base <= at < end and call != "exit_group":
            cases += [Case(way, call, seen[call], error, line) for error in ERRORS]
    return outcome, cases


# ---- What comes of a fault ----

def complaint(case, plain, got):
    """None, or what is wrong with the outcome."""
    lines, want = text(got.stdout).splitlines(), text(plain.stdout).splitlines()
    errors = text(got.stderr).splitlines()
    if got.timed_out or got.status not in (0, 127):
        return f"{got.how()}, expected exit 0 or 127"
    if any(line.startswith("BAD") for line in lines):
        return "the program found it wrong"
    if got.status and case.way.mode != "off" and case.call in LEAVING:
        return f"{got.how()}: what is left for others has ended the start"
    if got.status == 127:
        if not errors or not all(map(is_error_line, errors)):
            return "exit 127 without a clear reason"
        if lines and not ("TLS block" in errors[0] and "begin" in lines[0]):
            return "exit 127 after the program began"
        return None
    if errors and not (case.call in PRELOAD_CALLS and all(PRELOAD in e for e in errors)):
        return "success with messages"
    if any(line.startswith("LEFT " + what) and case.call != call for line in lines
           for what, call in (("maps", "munmap"), ("descriptors", "close"))):
        return "something left behind"
    if case.error == "EINTR" and case.call in REPEATED and got.stdout != plain.stdout:
        return "interrupted and not repeated"
    if achieved(lines) != achieved(want):
        return "success with another output"
    return None


def achieved(lines):
    return [line for line in lines if not line.startswith(("refused", "LEFT"))]


def run(case, plain):
    inject = f"inject={case.call}:error={case.error}:when={case.nth}"
    got = execute([*strace_of(case.way), "-o", "/dev/null", "-e", f"trace={case.call}", "-e", inject,
                   *command(case.way)], environment(case.way), OUT / case.way.libc, timeout=10)
    return complaint(case, plain, got), got


def describe(case, problem, got):
    report = [f"{'FAILED' if problem else 'ok'}  fault/{case.way.name}: {case.call} {case.nth} "
              f"{case.error}: {problem or got.how()}", f"    {case.line}"]
    if problem:
        report.append(f"    {' '.join(strace_of(case.way))} -e inject={case.call}:error={case.error}:when="
                      f"{case.nth} {' '.join(command(case.way))}   # in "
                      f"{(OUT / case.way.libc).relative_to(BUILD.parent)}")
    report += [f"    stdout: {line}" for line in text(got.stdout).splitlines()[-20:]]
    report += [f"    stderr: {line}" for line in text(got.stderr).splitlines()[-8:]]
    return "\n".join(report)


def remembered_ways():
    return [Way(f"glibc, hello {'by' if replaying else 'leaving'} {what}", "glibc", [], "hello", mode, replaying)
            for mode, what in (("bindings", "a plan"), ("snapshot", "a snapshot")) for replaying in (False, True)]


def all_ways():
    """Libraries are found by the RUNPATH as well, so two ways are enough for opener and closer."""
    plain = [Way(f"{libc}, {program} {start}", libc, front, program)
             for libc, programs in PROGRAMS.items() for program in programs
             for start, front in STARTS.items() if program == "hello" or start != "as a command"]
    plain.append(Way("glibc, hello with an unlisted libc", "glibc", [str(MYLD), "--library-path", UNLISTED], "hello"))
    return plain + remembered_ways()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--all", action="store_true", help="every call with every error")
    parser.add_argument("--only", default="", help="only ways to start whose name contains this")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what came of each case")
    return parser.parse_args()


def main():
    options = parse()
    if platform.machine() != "x86_64" or not shutil.which("strace"):
        print("SKIPPED  fault: strace on x86_64 is needed to let system calls fail")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    for libc in COMPILERS:
        build(libc)
    build_unlisted()
    time.sleep(0.1)  # files that were made just now have times that no plan believes
    ways = choose(all_ways(), lambda way: options.only in way.name, f"--only {options.only}", "ways to start")
    cases, plain, failed = [], {}, 0
    for way in ways:
        plain[way.name], found = cases_of(way)
        problem = complaint(Case(way, "", 0, "", ""), plain[way.name], plain[way.name])
        if problem or plain[way.name].status:
            print(f"FAILED  fault/{way.name}: without a fault: {problem}\n{plain[way.name]}")
            failed += 1
        cases += found
    total = len(cases)
    if not options.all:
        rng = random.Random(1)
        cases = [rng.choice(cases[i:i + len(ERRORS)]) for i in range(0, total, len(ERRORS))]
    print(f"fault: {len(cases)} of {total} cases")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for case, (problem, got) in zip(cases, pool.map(lambda c: run(c, plain[c.way.name]), cases)):
            failed += bool(problem)
            if problem or options.verbose:
                print(describe(case, problem, got), flush=True)
    print(f"{len(cases) + len(ways) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
