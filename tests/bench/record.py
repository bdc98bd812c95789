#!/usr/bin/env python3
"""Records what addresses a real run under myld.so asks about, for tests/bench/vm_bench.c.

    record.py lookups NAME PROGRAM [ARG]...
    record.py frames:FUNCTION NAME PROGRAM [ARG]...
    record.py faults NAME PROGRAM [ARG]...

lookups: every address that the loader looks up in its registry (a gdb breakpoint on
dso_of_address).  frames: the program counter of each frame, at every call of FUNCTION: what an
unwinder that throws from there, or a crash report, asks (gdb's backtrace).  faults: every address
that the kernel had to find an area for, because the page was touched for the first time (perf,
page-faults); those in memory that was unmapped again before the exit are left out.

Writes traces/NAME.trace (at most LIMIT addresses, one a line) and traces/NAME.maps
(/proc/PID/maps right before the exit, the files' folders cut off).  Without address space
randomization, so that the second run, for the maps, has the same addresses.  myld.so, started as a
command, is that of the tree.  What is there was recorded on x86_64 with Debian's musl 1.2.3, in a
folder with tests/programs/scenarios/*/* and with `app` linked to build/apps/lua or sass:

    record.py lookups unwind build/fixtures/x86_64-musl/unwind/prog
    record.py lookups lua-modules app/lua modules.lua
    record.py frames:luaL_error lua-frames app/lua modules.lua
    record.py faults hello-faults hello                 (tests/bench/hello.c)
    record.py faults lua-faults app/lua modules.lua
    record.py faults sass-faults app/dart app/sass.snapshot --no-source-map site.scss
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LOADER = HERE.parents[1] / "myld.so"
LIMIT = 1000
TRACES = HERE / "traces"
BUILD = HERE.parents[1] / "build" / "bench"

# Commands for gdb.
GDB = """
set breakpoint pending on
set confirm off
set pagination off
set inferior-tty /dev/null
{stop}
catch syscall exit_group
commands
silent
python print(open("/proc/%d/maps" % gdb.selected_inferior().pid).read(), end="")
kill
quit
end
run
"""
LOOKUP = """break *dso_of_address
commands
silent
python print("lookup %x" % int(gdb.parse_and_eval("$rsi")))
continue
end"""


FRAMES = """break {function}
commands
silent
python
frame = gdb.newest_frame()
while frame and gdb.solib_name(frame.pc()):
    print("lookup %x" % frame.pc())
    frame = frame.older()
end
continue
end"""


def under_gdb(command, stop):
    script = BUILD / "record.gdb"
    script.write_text(GDB.format(stop=stop))
    done = subprocess.run(["gdb", "-nx", "-q", "-batch", "-x", script, "--args", LOADER, *command],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=True)
    maps = re.findall(r"^[0-9a-f]+-[0-9a-f]+ [-rwx]{3}[sp] .*$", done.stdout, re.M)
    return re.findall(r"^lookup ([0-9a-f]+)$", done.stdout, re.M), maps


def under_perf(command):
    data = BUILD / "record.perf"
    subprocess.run(["perf", "record", "-q", "-e", "page-faults", "-c", "1", "-d", "-o", data,
                    "setarch", "-R", LOADER, *command],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    text = subprocess.run(["perf", "script", "-i", data, "-F", "comm,addr"], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    found = re.findall(r"^\s*(\S.*?)\s+([0-9a-f]+)\s*$", text, re.M)
    return [address for comm, address in found if comm != "setarch"]


def main():
    what, _, function = sys.argv[1].partition(":") if len(sys.argv) > 3 else ("", "", "")
    if what not in ("lookups", "frames", "faults"):
        sys.exit(__doc__)
    name, command = sys.argv[2], sys.argv[3:]
    BUILD.mkdir(parents=True, exist_ok=True)
    stop = {"lookups": LOOKUP, "frames": FRAMES.format(function=function), "faults": ""}[what]
    lookups, maps = under_gdb(command, stop)
    if what == "faults":
        areas = [[int(end, 16) for end in line.split()[0].split("-")] for line in maps]
        lookups = [address for address in under_perf(command)
                   if any(start <= int(address, 16) < end for start, end in areas)]
    if not maps or not lookups:
        sys.exit(f"record.py: {name}: {len(maps)} lines of maps, {len(lookups)} addresses")
    maps = [re.sub(r"/\S*/", "/", line) for line in maps]
    (TRACES / f"{name}.maps").write_text("\n".join(maps) + "\n")
    (TRACES / f"{name}.trace").write_text("\n".join(lookups[:LIMIT]) + "\n")
    print(f"{name}: {len(lookups)} addresses, {min(len(lookups), LIMIT)} kept, {len(maps)} areas")


main()
