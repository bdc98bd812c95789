"""What LD_DEBUG prints, word by word, with the system's ld.so as the oracle.

Both loaders run the same program with the system's libc.so.6.  Addresses, counts and times are not
compared, nor the lines about the loader itself, which ld.so treats as one more library.
"""
import functools
import os
import re

from namespace import SYSTEM_LOADER
from process import execute, text

FIXTURE = "words"

# Lines that this loader prints beside ld.so's: what was chosen, its own counts, files that are named by a
# path, functions of libc that it calls; and the directories as they are written, before $ORIGIN and the
# subdirectories of hwcaps.
OWN = re.compile(r"libc glibc, because of |file=\S+  is libc6 |objects: |relocations: |symbol lookups: |areas: |"
                 r"find library=\./|  trying file=\./| search path=|"
                 r"symbol=(__libc_early_init|pthread_\w+|__register_atfork|malloc|free|__environ);")
# Lines of ld.so about itself, which constructs and destroys itself and binds its own malloc to libc's; about
# the functions of the vDSO, which it looks up whether the libc wants them or not; of destructors of objects
# that have none; and of legacy subdirectories.
OF_LOADER = re.compile(r"(calling (init|fini): |relocation processing: |object=|binding file )LOADER|"
                       r".*__vdso_|calling fini: \S+/lib(c|dl)\.so|"
                       r"(binding file \./prog .*`|symbol=)(malloc|calloc|realloc|free|_dl_(catch|signal)_\w+)\b|"
                       r" +trying file=\S*/(tls|x86_64|glibc-hwcaps)/|calling init: \S+/libdl")

# Versions are checked in the order of their indices here, of the file's list there, which tells the scopes of
# opened objects twice.
UNORDERED = ("versions", "scopes")


def lines_of(output, loader):
    """The lines, without what differs from start to start."""
    found = []
    for line in output.splitlines():
        line = re.sub(r"^ *\d+:\t", "", line).replace(str(loader), "LOADER").replace("/./", "/")
        if not line.strip() or OWN.match(line) or OF_LOADER.match(line):
            continue
        line = re.sub(r"0x0000[0-9a-f]{12}", "ADDRESS", line)
        line = re.sub(r"(cycles|relocations|from cache|phnum): *\d+.*|\d+ cycles.*", r"\1 N", line)
        found.append(line)
    return found


def run(loader, case, word):
    outcome = execute([str(loader), "./prog", "2:./libuser.so", "0x102:./libuser.so"], cwd=case.dir, timeout=20,
                      env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "LD_LIBRARY_PATH": str(case.dir),
                           "LD_DEBUG": word, "MYLD_CACHE": "off"})
    return lines_of(text(outcome.stderr), loader)


def check(suite, case, word):
    want, got = run(SYSTEM_LOADER, case, word), run(suite.myld(case.machine), case, word)
    if want and (want == got or word in UNORDERED and set(want) == set(got)):
        return None
    missing = [line for line in want if line not in got]
    more = [line for line in got if line not in want]
    return "ld.so alone:\n%s\nmyld.so alone:\n%s\n%s" % (
        "\n".join(missing), "\n".join(more), "" if missing or more else "in another order")


def checks(suite, machines):
    if suite.options.oracle or not SYSTEM_LOADER.exists():
        return []
    return [(f"debug-output/{word}", functools.partial(check, suite, case, word))
            for case, _ in suite.built([m for m in machines if m == os.uname().machine], FIXTURE)
            for word in ("files", "libs", "versions", "scopes", "statistics", "reloc", "bindings", "symbols")]
