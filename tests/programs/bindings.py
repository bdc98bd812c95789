#!/usr/bin/env python3
"""What the symbols of large programs are bound to, three ways that must agree.

    bindings.py [--loader ./myld.so] [PROGRAM]...

The loader looks into one table over the whole scope (scope_hash.c) where that pays; when LD_DEBUG asks to
see each look-up it goes from object to object instead. LD_DEBUG=bindings tells what came of either, and
what the system's own loader does. Of that one's list the symbols are left out that it binds by itself,
without a word or for itself: what ld.so exports, the vDSO, and malloc and its kin.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
LINE = re.compile(rb"binding file (\S+)(?: \[\d+\])? to (\S+)(?: \[\d+\])?: normal symbol `([^']*)'( \[[^]]*\])?")
LOADERS = re.compile(rb"(ld-linux[^/]*|myld\.so|linux-vdso\.so\.1)$")
OWN = {b"malloc", b"calloc", b"realloc", b"free"}
LEAST = 1000  # bindings: fewer, and no table would have been made


def bindings(command, debug):
    """-> {(by, to, symbol, version)}"""
    env = {"PATH": os.environ["PATH"], "LD_BIND_NOW": "1", "LD_DEBUG": debug, "MYLD_CACHE": "off",
           "LC_ALL": "C"}
    run = subprocess.run([*command, "--version"], env=env, stdin=subprocess.DEVNULL, timeout=120,
                         capture_output=True, check=False)
    return {found.groups() for found in LINE.finditer(run.stderr)}


def shared(found):
    """What the two loaders tell of alike."""
    return {(by, to, symbol) for by, to, symbol, _ in found
            if not LOADERS.search(to) and not LOADERS.search(by) and symbol not in OWN}


def check(loader, program):
    merged = bindings([loader, program], "bindings")
    walked = bindings([loader, program], "bindings,symbols")
    if len(merged) < LEAST:
        return f"{len(merged)} bindings, expected {LEAST} or more"
    if merged != walked:
        return f"merged and walked differ: {sorted(merged ^ walked)[:6]}"
    missing = shared(bindings([program], "bindings")) ^ shared(merged)
    return f"differs from the system's: {sorted(missing)[:6]}" if missing else None


def main():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--loader", default=str(TOP / "myld.so"))
    parse.add_argument("programs", nargs="*", default=["gdb", "clang", "node", "vim"])
    args = parse.parse_args()
    failed = 0
    for name in args.programs:
        trouble = check(args.loader, os.path.realpath(shutil.which(name)))
        if trouble:
            failed += 1
            print(f"FAILED  bindings of {name}: {trouble}")
    print(f"{len(args.programs) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
