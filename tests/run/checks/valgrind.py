"""valgrind's memcheck reports of a program what it reports under the system's loader: cold, and started by
what an earlier start left.
"""
import functools
import pathlib
import re
import shutil
import tempfile
import time

from process import execute, text
from toolchain import BUILD, Unavailable

FIXTURE = "memcheck"
MEMCHECK = ["valgrind", "--leak-check=full", "--show-leak-kinds=definite"]


def report_of(outcome):
    """What memcheck said, without addresses, process ids, and frames in the loader."""
    lines = re.sub(r"0x[0-9A-Fa-f]+", "ADDRESS", text(outcome.stderr)).splitlines()
    lines = [re.sub(r"^==\d+==", "==", line) for line in lines]
    return [re.sub(r"record \d+ of \d+", "record", line) for line in lines
            if not re.search(r"Command:|total heap usage|in .*/(ld-linux|myld)", line)]


def memcheck(case, args, env):
    outcome = execute([*MEMCHECK, *map(str, args)], {"PATH": "/usr/bin:/bin", "LC_ALL": "C", **env},
                      case.dir, timeout=120)
    return report_of(outcome)


def loader_of_system(case):
    return case.machine.glibc_loader


def program(case, loader, mode, tag):
    return [loader, "./prog"] if mode == "command" else [case.program_for({"prog": "prog"}, loader, tag)]


@functools.cache
def oracle(case, mode):
    want = memcheck(case, program(case, loader_of_system(case), mode, "oracle"), {})
    problem = [line for line in ("Invalid write", "definitely lost: 43 bytes", "Conditional jump")
               if line not in "\n".join(want)]
    if problem:
        raise RuntimeError(f"under the system's loader memcheck does not say {problem}:\n" + "\n".join(want))
    return want


def compare(suite, case, mode, cache):
    if not shutil.which("valgrind"):
        raise Unavailable("valgrind is not installed")
    args = program(case, suite.myld(case.machine), mode, "myld")
    want = oracle(case, mode)
    with tempfile.TemporaryDirectory(dir=BUILD) as home:
        env = {}
        if cache:
            store = pathlib.Path(home, "myld")
            store.mkdir(mode=0o700)
            time.sleep(0.1)  # a file that was made just now has times that a plan does not believe
            env = {"MYLD_CACHE": cache, "XDG_CACHE_HOME": home}
            execute([*map(str, args)], env, case.dir)
            if not any(store.iterdir()):
                return "the start before left nothing"
        got = memcheck(case, args, env)
    return None if got == want else "\n".join(["expected", *want, "got", *got])


def checks(suite, machines):
    if suite.options.oracle:
        return []
    found = []
    for case, _ in suite.built([m for m in machines if m == "x86_64"], FIXTURE):
        found += [(f"valgrind/memcheck [{mode} {cache or 'cold'}]",
                   functools.partial(compare, suite, case, mode, cache))
                  for mode in ("command", "interp")
                  for cache in ((None,) if suite.options.no_cache else (None, "bindings", "snapshot"))]
    return found
