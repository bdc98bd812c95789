"""What is said of files that can't be loaded, with the system's ld.so as the oracle: dlerror's text,
by a path and by a search; the first line of a start's failure; and what ldd prints.

Both loaders run the same program with the system's libc.so.6.  What this loader says beyond ld.so's
words is on further lines that begin with its own name.
"""
import functools
import os
import re
import shutil
import subprocess

from elf import PT_DYNAMIC, PT_LOAD, Elf
from namespace import SYSTEM_LOADER, in_place, needs_root
from process import execute, text
from toolchain import MACHINES

FIXTURE = "words"
VICTIM = "libvictim.so"


def header(field, value):
    return lambda elf: elf.set_header(field, value)


def ident(offset, value):
    return lambda elf: elf.put(offset, "B", value)


def retyped(kind):
    def change(elf):
        for at in elf.segments(kind):
            elf.put(at, "I", 0)
    return change


def debug_only(elf):
    elf.set_segment(PT_DYNAMIC, 0, "p_filesz", 0)


def skewed(elf):
    elf.set_segment(PT_LOAD, 1, "p_offset", elf.segment(PT_LOAD, 1, "p_offset") + 8)


def crowded(elf):
    """As of a linker that was told of smaller pages: the second segment begins in a page of the first, and
    the fourth is not congruent."""
    elf.set_segment(PT_LOAD, 1, "p_vaddr", elf.segment(PT_LOAD, 0, "p_memsz") + 8)
    elf.set_segment(PT_LOAD, 1, "p_offset", elf.segment(PT_LOAD, 0, "p_memsz") + 8)
    elf.set_segment(PT_LOAD, 3, "p_offset", elf.segment(PT_LOAD, 3, "p_offset") + 8)


# Damage to the library's file; bytes: all that the file holds.
DAMAGED = {
    "empty": b"", "short": b"short", "script": b"#!/bin/sh\n" + b"#" * 100, "short-script": b"#!/bin/sh\n",
    "linker-script": b"/* GNU ld script */ GROUP ( /usr/lib/libc.so.6 AS_NEEDED ( libfoo.so ) )     ",
    "class": ident(4, 1), "class-zero": ident(4, 0), "data": ident(5, 2), "ident-version": ident(6, 3),
    "os-abi": ident(7, 9), "abi-version": ident(8, 1), "padding": ident(12, 1),
    "version": header("e_version", 2), "machine": header("e_machine", 183),
    "relocatable": header("e_type", 1), "core": header("e_type", 4), "fixed": header("e_type", 2),
    "phentsize": header("e_phentsize", 57), "no-headers": header("e_phnum", 0),
    "headers-outside": header("e_phoff", 1 << 40), "no-segments": retyped(PT_LOAD),
    "no-dynamic": retyped(PT_DYNAMIC), "debug-only": debug_only, "skewed": skewed, "crowded": crowded,
}
BUILT = ("nodlopen", "future", "undefined", "lacking", "older", "plain")
COPIED = {"pie": "idle", "static": "static", "exec": "fixed"}
KINDS = [*DAMAGED, *BUILT, *COPIED, "absent", "directory", "good"]
MODES = ["2:", "0xffffffff:", "0:", "0x100:", "0x80000002:", "0:{}", "0x100:{}", "0x4000:{}", "6:{}", "6:libnothere.so"]
OTHERS = ["6:linux-vdso.so.1", "2:linux-vdso.so.1", "2:{dir}/prog", "2:.", "2:/dev/null", "2:libc.so", "2:libm.so", "2:"]

WAYS = ("path", "search", "needed", "start")
# Not compared: ld.so knows no text of this error before libc runs ("Error 21"), and fails an assertion of
# its own in the lookup of a version that a library without versions should have.
BETTER = {("directory", "start"), ("plain", "start")}


def make(case, kind):
    """Makes a folder with the library of a kind."""
    folder = case.dir / "kinds" / kind
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    target = folder / VICTIM
    if kind == "directory":
        target.mkdir()
    elif kind in BUILT:
        shutil.copy(case.dir / kind / VICTIM, target)
    elif kind in COPIED:
        shutil.copy(case.dir / COPIED[kind], target)
    elif kind == "good":
        shutil.copy(case.dir / VICTIM, target)
    elif kind in DAMAGED and isinstance(DAMAGED[kind], bytes):
        target.write_bytes(DAMAGED[kind])
    elif kind in DAMAGED:
        elf = Elf((case.dir / VICTIM).read_bytes())
        DAMAGED[kind](elf)
        target.write_bytes(elf.data)


def under(loader, case, folder, arguments):
    """Standard output and standard error of a program that a loader starts."""
    outcome = execute([str(loader), "./" + arguments[0], *arguments[1:]], cwd=case.dir, timeout=20,
                      env={"PATH": "/usr/bin:/bin", "LC_ALL": "C",
                           "LD_LIBRARY_PATH": f"{folder}:{case.dir}" if folder else ""})
    return text(outcome.stdout), text(outcome.stderr), outcome.status


def compared(myld, case, folder, arguments):
    """None, or the difference: standard output, and the first line of standard error."""
    want, got = (under(loader, case, folder, arguments) for loader in (SYSTEM_LOADER, myld))
    first = [error.split("\n")[0] for _, error, _ in (want, got)]
    beyond = [e for e in got[1].splitlines()[1:] if "myld.so: " not in e and
              not re.match(r"[^ ]+: ", e)]
    if want[0] != got[0] or first[0] != first[1] or (want[2] == 0) != (got[2] == 0):
        return f"ld.so: {want[0]}{want[1]}exit {want[2]}\nmyld.so: {got[0]}{got[1]}exit {got[2]}"
    return f"what line is this: {beyond}" if beyond else None


def kind_check(suite, case, kind, way):
    folder = case.dir / "kinds" / kind
    arguments = {"path": ["prog", f"2:{folder}/{VICTIM}"], "search": ["prog", f"2:{VICTIM}"],
                 "needed": ["prog", "2:libuser.so"], "start": ["linked"]}[way]
    return compared(suite.myld(case.machine), case, folder, arguments)


def mode_check(suite, case):
    names = [m.format(case.dir / VICTIM) for m in MODES] + \
        [o.replace("{dir}", str(case.dir)) for o in OTHERS]
    # libc.so is a linker's script that only a search of its folder finds
    script = case.dir / "kinds" / "scripts"
    script.mkdir(parents=True, exist_ok=True)
    for name in ("libc.so", "libm.so"):
        (script / name).write_bytes(DAMAGED["linker-script"])
    return compared(suite.myld(case.machine), case, script, ["prog", *names])


# ---- ldd ----

LDD = """
cd "$1"; export LC_ALL=C
run() { echo "== $*"; "$@" 2>&1; echo "exit $?"; }
for f in ./linked ./idle ./prog ./static ./fixed ./kinds/empty/libvictim.so ./kinds/class/libvictim.so \
	./kinds/machine/libvictim.so ./kinds/linker-script/libvictim.so ./libuser.so \
	./undefined/libvictim.so ./absent /bin/true /bin/ls /lib/x86_64-linux-gnu/libc.so.6 "$2"; do
	run ldd $f; run $2 --verify $f
done
run ldd /bin/true /bin/ls
for o in -v -d -r -u; do
	for f in idle prog ./libuser.so undefined/libvictim.so lacking/libvictim.so /bin/true /bin/ls; do
		run ldd $o $f
	done
done
for k in absent older plain undefined lacking good class machine; do
	for o in "" -v -r -u; do
		LD_LIBRARY_PATH=$PWD/kinds/$k run ldd $o ./linked
	done
done
run env LD_TRACE_LOADED_OBJECTS=1 ./idle
run env LD_TRACE_LOADED_OBJECTS=1 LD_WARN=yes LD_BIND_NOW=yes LD_LIBRARY_PATH=$PWD/kinds/undefined $2 ./linked
run env LD_DEBUG=unused $2 ./idle
for f in ./idle ./prog ./libuser.so ./absent ./kinds/machine/libvictim.so /bin/ls; do run $2 --list $f; done
"""


def ldd_check(suite, case):
    needs_root()
    outputs = []
    for loader in (None, suite.myld(case.machine)):
        done = subprocess.run(in_place(loader, ["/bin/sh", "-c", LDD, "sh", str(case.dir),
                                                "/" + MACHINES[os.uname().machine].glibc_loader.lstrip("/")]),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        output = re.sub(r"0x[0-9a-f]{16}", "ADDRESS", text(done.stdout))
        outputs.append(dict(part.split("\n", 1) for part in output.split("== ")[1:]))
    if outputs[0].keys() != outputs[1].keys():
        return "not the same commands"
    wrong = [f"{command}\nld.so:\n{want}myld.so:\n{outputs[1][command]}"
             for command, want in outputs[0].items() if comparable(want) != comparable(outputs[1][command])]
    return "\n".join(wrong) or None


def comparable(output):
    """Without the lines that only this loader prints, and the versions of undefined symbols: beside a
    missing library ld.so tells those of some alone."""
    lines = (line for line in output.splitlines(True) if not line.startswith("myld.so: "))
    return "".join(re.sub(r"(undefined symbol: \w+), version \w+", r"\1", line) for line in lines)


def checks(suite, machines):
    found = []
    if suite.options.oracle or not SYSTEM_LOADER.exists():
        return found
    for case, _ in suite.built([m for m in machines if m == os.uname().machine], FIXTURE):
        for kind in KINDS:
            make(case, kind)
        found += [(f"words/{kind}-{way}", functools.partial(kind_check, suite, case, kind, way))
                  for kind in KINDS for way in WAYS if (kind, way) not in BETTER]
        found += [("words/modes", functools.partial(mode_check, suite, case)),
                  ("words/ldd", functools.partial(ldd_check, suite, case))]
    return found
