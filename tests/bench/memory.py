"""What a start makes a process's own: its private dirty memory when the constructors are next."""
import os
import pathlib
import signal

import programs
from programs import OUT


def smaps(pid):
    """-> {field: KiB} of the whole process"""
    found = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, amount, _ = line.split()
        found[name.rstrip(":")] = int(amount)
    return found


def stopped(way):
    """Runs it up to where pause.so stops it -> (smaps, whether pages of a snapshot are mapped)"""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
    pid = os.posix_spawn(way.exe, way.argv, way.env, file_actions=quiet)
    _, status = os.waitpid(pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        raise programs.Unusable(f"{way.name}: wait status {status:#x}, expected a stop")
    found = smaps(pid), ".pages" in pathlib.Path(f"/proc/{pid}/maps").read_text()
    os.kill(pid, signal.SIGCONT)
    os.waitpid(pid, 0)
    return found


def write_back(way):
    """A file's pages count as dirty, mapped or not, until the disk has them."""
    for entry in way.store.iterdir():
        fd = os.open(entry, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)


def settled(way):
    """A start by all that it needs -> (smaps, note)"""
    way.env["XDG_CACHE_HOME"] += ".memory"
    way.store.mkdir(parents=True, mode=0o700, exist_ok=True)
    if way.cache:
        stopped(way)
        write_back(way)
    found, shared = stopped(way)
    note = programs.missing(way)
    if way.cache == "snapshot" and not note and not shared:
        note = "maps no pages of its snapshot"
    return found, note


def measure(chosen):
    """-> lines of memory.csv; the programs have been prepared"""
    lines = []
    os.sync()  # programs, libraries and loaders that were made just now
    for program in chosen:
        for way in programs.loader_ways(program, OUT / "pause.so"):
            found = {"Private_Dirty": "", "Rss": ""}
            try:
                found, note = settled(way)
            except (programs.Unusable, FileNotFoundError) as why:
                note = str(why)
            lines.append({"program": program.name, "libc": program.libc,
                          "way": way.name.partition(".")[0],
                          "private_dirty": found["Private_Dirty"], "rss": found["Rss"],
                          "note": note})
    return lines
