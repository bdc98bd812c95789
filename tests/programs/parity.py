#!/usr/bin/env python3
"""Every dynamic glibc program in the machine's bin directories, run with --version under the system's
loader and under this one: output and exit status must be the same.

    parity.py [--loader ./myld.so] [--way command|place]... [--cache bindings|snapshot] [--sample N]
              [--only TEXT] [-v]

Each run has namespaces of its own (mounts, processes, network, System V IPC), a read-only root with
an empty /tmp and /run, user nobody without capabilities, no display, and ten seconds.  As a command
the loader lies at the same path in both cases, so that a program which prints /proc/self/exe prints
the same; with "place" it is mounted over the system's, where children get it too.  A program that
prints something else at a second run under the system's loader is left out, and named.  With --cache a
program is started twice in its room, the second time by what the first has left, and both are compared.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from elf import PT_INTERP, Elf  # noqa: E402 (the library's folder is named just above)
from namespace import SYSTEM_LOADER, isolated, leaked, refusal  # noqa: E402
from process import execute, text  # noqa: E402
from selection import choose  # noqa: E402
from toolchain import TOP  # noqa: E402

FOLDERS = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
WAYS = ("command", "place")
TIMEOUT = 10

# What could do harm if it took --version for something else, or if nobody could do more than we know.
DENIED = {
    r"(halt|poweroff|reboot|shutdown|telinit|runlevel|init)$": "ends the system",
    r"systemd$": "would be the first process of its namespace, and begin to start a system",
    r"(agetty|getty|login|sulogin|vlock)$": "takes a terminal for itself",
    r"killall5$": "sends a signal to every process that it sees",
    r"(mkfs.*|mke2fs|mkswap|wipefs|blkdiscard)$": "destroys what is on a disk",
    r"(chpasswd|chgpasswd|newusers)$": "changes passwords as it reads them",
    r"(ctrlaltdel|rtcwake|hwclock)$": "sets hardware",
}

# $1 the loader, $2 the way, $3 the system's loader, $4 how many starts; then the program and its argument.
# What the last start says is what counts.
ROOM = r"""
exec 3<"$1"
mount -t tmpfs tmpfs /tmp && mount -t tmpfs tmpfs /run || exit 125
mkdir -p -m 700 /tmp/cache/myld && chown -R 65534:65534 /tmp/cache && mkdir -m 777 /tmp/home && cat <&3 >/tmp/ld.so && chmod 755 /tmp/ld.so && exec 3<&- || exit 125
mount -o remount,bind,ro / && cd /tmp/home || exit 125
if [ "$2" = place ]; then mount --bind /tmp/ld.so "$3" || exit 125; fi
starts=$4
shift 4
user="setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all --"
if [ "$starts" = 2 ]; then $user "$@" </dev/null >/dev/null 2>&1; fi
exec $user "$@" </dev/null
"""
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/tmp/home", "LC_ALL": "C",
               "TMPDIR": "/tmp", "TERM": "dumb", "USER": "nobody", "LOGNAME": "nobody",
               "MYLD_CACHE": "off", "XDG_CACHE_HOME": "/tmp/cache"}


def interpreter(path):
    """PT_INTERP of a 64-bit little-endian ELF file, or None."""
    with open(path, "rb") as file:
        head = file.read(64)
        if head[:6] != b"\x7fELF\2\1" or len(head) < 64:
            return None
        elf = Elf(head)
        file.seek(elf.header("e_phoff"))
        elf.set_header("e_phoff", 64)
        elf.data += file.read(56 * elf.header("e_phnum"))
        if not elf.segments(PT_INTERP):
            return None
        file.seek(elf.segment(PT_INTERP, 0, "p_offset"))
        return file.read(elf.segment(PT_INTERP, 0, "p_filesz")).rstrip(b"\0").decode()


def programs():
    """-> [path] of all glibc programs, each file once, and {path: why not} of those left out."""
    found, left_out = set(), {}
    for folder in filter(os.path.isdir, FOLDERS):
        for name in sorted(os.listdir(folder)):
            path = pathlib.Path(folder, name).resolve()
            if not path.is_file() or path in found or path in left_out:
                continue
            wants = interpreter(path)
            if not wants or pathlib.Path(wants).resolve() != SYSTEM_LOADER:
                continue
            reason = next((why for what, why in DENIED.items() if re.match(what, path.name)), None)
            if reason:
                left_out[path] = "not run: " + reason
            elif path.stat().st_mode & 0o005 != 0o005:
                left_out[path] = f"mode {path.stat().st_mode & 0o7777:o}: user nobody may not run it"
            else:
                found.add(path)
    return sorted(found), left_out


def run(path, way, loader, starts=1):
    command = ["/tmp/ld.so"] if way == "command" else []
    room = ["/bin/sh", "-c", ROOM, "sh", loader, way, SYSTEM_LOADER, str(starts), *command, path, "--version"]
    wrapped = isolated(["/usr/bin/unshare", "--net", "--ipc", *room])
    return execute(wrapped, ENVIRONMENT, "/", timeout=TIMEOUT)


def as_text(outcome):
    return [outcome.how(), "stdout:", *text(outcome.stdout).splitlines(), "stderr:",
            *text(outcome.stderr).splitlines()]


def first_difference(want, got):
    want, got = as_text(want) + [""], as_text(got) + [""]
    at = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b), 0)
    return f"{want[at][:150]!r}, then {got[at][:150]!r}"


def same(a, b):
    return (a.stdout, a.stderr, a.status, a.timed_out) == (b.stdout, b.stderr, b.status, b.timed_out)


def check(path, way, loader):
    """-> ("same" | "different" | "left out", explanation)"""
    want = run(path, way, SYSTEM_LOADER)
    if want.timed_out:
        return "left out", f"has not ended after {TIMEOUT} s"
    if want.status == 125:
        return "different", f"no room to run it in: {text(want.stderr)}"
    changed = second_opinion(path, way, want, 1)
    if changed:
        return "left out", changed
    got = run(path, way, loader)
    if same(want, got) and ENVIRONMENT["MYLD_CACHE"] != "off":
        got = run(path, way, loader, 2)
    if same(want, got):
        return "same", ""
    changed = second_opinion(path, way, want, 12)  # of two outcomes of a race one may be rare
    return ("left out", changed) if changed else ("different", first_difference(want, got))


def second_opinion(path, way, want, runs):
    """None, or how one of so many more runs under the system's loader differs."""
    for _ in range(runs):
        again = run(path, way, SYSTEM_LOADER)
        if not same(want, again):
            return f"two runs differ: {first_difference(want, again)}"
    return None


def spread(items, number):
    """So many of the items, evenly spread."""
    if not number or number >= len(items):
        return items
    return [items[i * len(items) // number] for i in range(number)]


def arguments():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--loader", default=TOP / "myld.so", type=pathlib.Path)
    parse.add_argument("--way", action="append", choices=WAYS)
    parse.add_argument("--cache", choices=("bindings", "snapshot"), default="off")
    parse.add_argument("--sample", type=int, default=0, metavar="N")
    parse.add_argument("--only", default="", help="programs whose path contains this text")
    parse.add_argument("-v", "--verbose", action="store_true", help="name what is the same too")
    return parse.parse_args()


def sweep(jobs, loader, verbose):
    """Runs two at a time and prints what is not the same -> how many of each."""
    counts = {"same": 0, "different": 0, "left out": 0}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda job: (*job, *check(*job, loader)), jobs)
        for path, way, verdict, why in results:
            counts[verdict] += 1
            if verdict != "same" or verbose:
                print(f"{verdict.upper():9} {path} [{way}] {why}", flush=True)
    return counts


def main():
    args = arguments()
    ENVIRONMENT["MYLD_CACHE"] = args.cache
    loader = args.loader.resolve()
    if not loader.exists():
        sys.exit(f"parity.py: {loader}: no loader here (make, or --loader)")
    if refusal():
        print(f"SKIPPED  parity: {refusal()}\n0 passed, 0 failed, 1 skipped")
        return
    found, left_out = programs()
    found = choose(found, lambda path: args.only in str(path), f"--only {args.only}", "programs")
    sample = spread(found, args.sample)
    found = choose(found, set(sample).__contains__, f"--sample {args.sample}", "programs")
    if not args.sample and not args.only:
        for path, why in left_out.items():
            print(f"LEFT OUT  {path} {why}")
    jobs = [(path, way) for path in found for way in args.way or WAYS]
    counts = sweep(jobs, loader, args.verbose)
    if leaked():
        counts["different"] += 1
        print(f"DIFFERENT something is mounted over {SYSTEM_LOADER}")
    print(f"{counts['same']} same, {counts['different']} different, {counts['left out']} left out of "
          f"{len(found)} programs, {' and '.join(args.way or WAYS)}")
    print(f"{counts['same']} passed, {counts['different']} failed, 0 skipped")
    sys.exit(counts["different"] > 0)


if __name__ == "__main__":
    main()
