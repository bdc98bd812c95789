#!/usr/bin/env python3
"""mutate.py: thousands of broken copies of real ELF files, each through the loader in several ways.

    mutate.py [--count N] [--seed S] [--only I] [--seeds NAME] [--compare] [-v]

--verify and --list never enter the file; broken libraries are also preloaded into a program that
prints a line, and opened by one that asks dlopen, dlsym, dladdr and dl_iterate_phdr about them and
then holds the registry against /proc/self/maps.  The libraries have no constructors and nobody calls them.
With glibc a broken file is also the program, a library that it needs, libc.so.6 itself, the ld-linux beside
an unknown one, or /etc/ld.so.cache (stage.py).
None may die by a signal, hang, or be refused without a word.  A broken file may still lead to code of its own
(an IFUNC resolver, a DT_INIT that was none): where a death is not by --verify or --list, gdb tells whose doing it
is (blame.py), which is first tried on two programs.  Other machines' loaders run under qemu-user, on a share of the mutants.

--compare tells how the system's own loaders do on the same mutants.  Mutants that failed are kept in
build/fuzz/failed/, named by index: --only makes one again.
"""
import argparse
import collections
import itertools
import multiprocessing
import os
import pathlib
import platform
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import pool
from mutator import Regions, break_file
from process import is_error_line  # noqa: E402 (the library's folder is named just above)
from stage import LDSO, LIBC, NEEDED, Everywhere, Stage, kinds_here, make_root

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
BUILD = TOP / "build" / "fuzz"
HOST = platform.machine()
TIMEOUT = 5            # seconds
EMULATED_TIMEOUT = 40  # an emulator's mmap of 100 GB is slow
FOREIGN_SHARE = 12  # one mutant of so many is for each machine that is emulated
GLIBC = f"/lib64/{LDSO}"
MUSL = f"/lib/ld-musl-{HOST}.so.1"

# Ways in which the broken file's own code runs, and may do whatever it likes: a libc that nothing fits is
# handed to the ld-linux beside it.
RUN_ON = ("glibc program", "glibc libc.so.6", "glibc ld-linux")

# What --verify says by its exit status alone; 2: an object without an interpreter.
VERIFIED = {0: "accepted", 1: "refused", 2: "accepted"}

Seed = collections.namedtuple("Seed", "name data machine kind regions")
Way = collections.namedtuple("Way", "name kinds argv env")
Outcome = collections.namedtuple("Outcome", "status out hung")


# ---- What is run ----

def loader_of(machine):
    return TOP / "build" / machine / "myld.so"


def ways(machine):
    """How a file F, or the folder D where it has a part, is given to the loader."""
    run = [] if machine == HOST else [f"qemu-{machine}"]
    ld = str(loader_of(machine))
    found = [Way("verify", "LPGCSA", run + [ld, "--verify", "F"], {}),
             Way("list", "LPGCSA", run + [ld, "--list", "F"], {})]
    if machine == HOST:
        found += [Way("preload", "L", [ld, str(BUILD / "hello")], {"LD_PRELOAD": "F"}),
                  Way("dlopen", "L", [ld, str(BUILD / "opens"), "F"], {})]
        found += glibc_ways(ld) if HOST == "x86_64" else []
    return found


def glibc_ways(ld):
    hello = str(BUILD / "hello-glibc")
    beside = [ld, "--library-path", "D"]
    return [Way("glibc preload", "L", [ld, hello], {"LD_PRELOAD": "F"}),
            Way("glibc dlopen", "L", [ld, str(BUILD / "opens-glibc"), "F"], {}),
            Way("glibc needed", "L", [*beside, str(BUILD / "needs-glibc")], {}),
            Way("glibc program", "G", [ld, "--no-system-loader", "F"], {}),
            Way("glibc libc.so.6", "C", [*beside, hello], {}),
            Way("glibc ld-linux", "S", [*beside, hello], {}),
            Way("glibc ld-linux read", "S", [ld, "--no-system-loader", *beside[1:], hello], {}),
            Way("glibc cache", "E", ["/usr/sbin/chroot", "D", "/myld.so", "/hello"], {})]


OTHERS = [Way("glibc --verify", "LPA", [GLIBC, "--verify", "F"], {}),
          Way("glibc --list", "LPA", [GLIBC, "--list", "F"], {}),
          Way("musl --list", "LPA", [MUSL, "--list", "F"], {})]


def execute(argv, env, log):
    """Runs argv with its output in the file log."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, log, flags, 0o600), (os.POSIX_SPAWN_DUP2, 1, 2)]
    pid = os.posix_spawnp(argv[0], argv, env, file_actions=actions)
    fd = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    hung = not poll.poll(1000 * (EMULATED_TIMEOUT if argv[0].startswith("qemu-") else TIMEOUT))
    if hung:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(fd)
    return Outcome(status, pathlib.Path(log).read_bytes().decode(errors="replace"), hung)


def given(way, path, folder):
    places = {"F": path, "D": folder}
    return ([places.get(a, a) for a in way.argv],
            {key: places.get(v, v) for key, v in way.env.items()})


def blame(argv, env):
    """"loader", "file" or "nobody" (gdb did not tell) for a crash, with its reasons."""
    setting = [word for key, v in env.items() for word in ("-ex", f"set environment {key} {v}")]
    done = subprocess.run(
        ["gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "set startup-with-shell off",
         *setting, "-ex", "run", "-x", str(HERE / "blame.py"), "-ex", "backtrace 8", "--args", *argv],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    said = re.search(r"^blame: (\w+)", done.stdout, re.M)
    return said[1] if said else "nobody", "\n".join(done.stdout.splitlines()[-14:])


# ---- What an outcome means ----

def judge(way, path, folder, outcome):
    """(verdict, details): "accepted", "refused", "own code" or, when the loader is at fault, "failed"."""
    if outcome.hung:
        return "failed", "did not end"
    if outcome.status < 0:
        died = f"killed by signal {-outcome.status}"
        if way.name in ("verify", "list") or not shutil.which("gdb"):
            return "failed", died
        who, trace = blame(*given(way, path, folder))
        return ("own code", died) if who == "file" else ("failed", f"{died}: {who}'s doing\n{trace}")
    if way.name == "verify" and outcome.status in VERIFIED:
        return VERIFIED[outcome.status], ""
    if outcome.status not in (0, 127) and way.name in RUN_ON:
        return "own code", f"exit {outcome.status}"
    if outcome.status not in (0, 127):
        return "failed", f"exit {outcome.status}\n{outcome.out}"
    if outcome.status == 127 and not any(map(is_error_line, outcome.out.splitlines())) and way.name != "list":
        return "failed", "exit 127 without a message"
    if outcome.status == 0 and way.env and not outcome.out.endswith("fine\n"):
        return "failed", f"exit 0, but the last line is not \"fine\"\n{outcome.out}"
    refused = outcome.status == 127 or "refused" in outcome.out or "ignored" in outcome.out
    return "refused" if refused else "accepted", ""


# ---- What is broken ----

def build(machines):
    for machine in machines:
        subprocess.run([str(HERE / "corpus.sh"), machine, str(BUILD / "corpus" / machine)], check=True)
    for name in ("hello", "opens"):
        subprocess.run(["musl-gcc", "-O1", "-o", str(BUILD / name), str(HERE / "seeds" / f"{name}.c")],
                       check=True)
    subprocess.run(["musl-gcc", "-static", "-O1", "-o", str(BUILD / "hello-static"),
                    str(HERE / "seeds" / "hello.c")], check=True)
    for name in ("hello", "opens"):
        subprocess.run(["gcc", "-O1", "-D_GNU_SOURCE", "-o", str(BUILD / f"{name}-glibc"), str(HERE / "seeds" / f"{name}.c")],
                       check=True)
    subprocess.run(["gcc", "-O1", "-o", str(BUILD / "needs-glibc"), str(HERE / "seeds" / "hello.c"),
                    "-Wl,--no-as-needed", str(BUILD / "corpus" / HOST / NEEDED)], check=True)


def read_seed(path, machine, kind):
    data = path.read_bytes()
    return Seed(path.name, data, machine, kind, Regions(data))


def seeds_of(machine):
    """kind L: libraries that do nothing when they are loaded; P: programs; A: other; the rest below."""
    found = [read_seed(p, machine, "L" if p.name.startswith("lib") else "P")
             for p in sorted((BUILD / "corpus" / machine).iterdir())]
    found.append(read_seed(loader_of(machine), machine, "A"))
    if machine == HOST:
        found += [read_seed(BUILD / n, machine, "P") for n in ("hello", "hello-static")]
        found += [read_seed(pathlib.Path("/bin/true"), machine, "P"),
                  read_seed(pathlib.Path(MUSL), machine, "A")]
        found += glibc_seeds() if HOST == "x86_64" else []
    return found


def glibc_seeds():
    """kind G: a program that is run; C: libc.so.6; S: the ld-linux beside it; E: /etc/ld.so.cache."""
    found = [read_seed(BUILD / "hello-glibc", HOST, "G"), read_seed(LIBC, HOST, "C"),
             read_seed(LIBC.parent / LDSO, HOST, "S")]
    if "E" in kinds_here():
        with tempfile.TemporaryDirectory() as root:
            make_root(pathlib.Path(root), BUILD / "hello-glibc", loader_of(HOST))
            data = (pathlib.Path(root) / "etc/ld.so.cache").read_bytes()
        found.append(Seed("ld.so.cache", data, HOST, "E", Everywhere(data)))
    return found


def machines_here():
    """Machines that can be run, and why others can't."""
    found, missing = [HOST], []
    for machine in ("aarch64", "riscv64"):
        need = [f"qemu-{machine}", f"{machine}-linux-gnu-gcc"]
        absent = [n for n in need if not shutil.which(n)]
        if machine == HOST:
            continue
        if not loader_of(machine).exists():
            missing.append(f"{machine}: {loader_of(machine).relative_to(TOP)} is not built")
        elif absent:
            missing.append(f"{machine}: {absent[0]} is not installed")
        else:
            found.append(machine)
    return found, missing


def plan(index, options, seeds):
    """The seed and the broken copy that an index stands for."""
    foreign = sorted(m for m in seeds if m != HOST)
    slot = index % FOREIGN_SHARE
    machine = foreign[slot] if slot < len(foreign) else HOST
    seed = random.Random(f"{options.seed}/{index}/of").choice(seeds[machine])
    return seed, break_file(seed.data, seed.regions, f"{options.seed}/{index}")


# ---- Running ----

def try_blame():
    """A wild call into the loader is the file's doing in a constructor, and counts as the loader's elsewhere."""
    if HOST != "x86_64" or not shutil.which("gdb"):
        return
    ld = str(loader_of(HOST))
    wild, library = str(BUILD / "wild"), str(BUILD / "wild.so")
    source = str(HERE / "seeds" / "wild.c")
    subprocess.run(["gcc", "-O1", "-o", wild, source], check=True)
    subprocess.run(["gcc", "-O1", "-DCONSTRUCTOR", "-shared", "-fPIC", "-o", library, source], check=True)
    for argv, env, expected in (([ld, wild], {}, "loader"),
                                ([ld, str(BUILD / "hello-glibc")], {"LD_PRELOAD": library}, "file")):
        who, trace = blame(argv, env)
        if who != expected:
            sys.exit(f"blame.py: {' '.join(argv)}: {who}, expected {expected}\n{trace}")


def siblings(directory, machine):
    """What the libraries need lies beside them ($ORIGIN)."""
    for name in ("libneed.so", "libgnu.so"):
        os.symlink(BUILD / "corpus" / machine / name, directory / name)


class Worker:
    """One process' folder, and what it runs there."""

    def __init__(self, root, options, seeds):
        self.options, self.seeds = options, seeds
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=root))
        for machine in seeds:
            (self.directory / machine).mkdir()
            siblings(self.directory / machine, machine)
        self.stage = None
        if HOST == "x86_64":
            self.stage = Stage(self.directory / "stage", BUILD / "hello-glibc",
                               BUILD / "corpus" / HOST / "libneed.so", loader_of(HOST))

    def cast(self, kind, path):
        return self.stage.cast(kind, path) if self.stage else ""

    def run(self, index):
        seed, data = plan(index, self.options, self.seeds)
        path = self.directory / seed.machine / f"mutant-{index}"
        path.write_bytes(data)
        path.chmod(0o755)
        chosen = ways(seed.machine) + (OTHERS if self.options.compare and seed.machine == HOST else [])
        folder = self.cast(seed.kind, path)
        results = []
        for way in chosen:
            if seed.kind not in way.kinds:
                continue
            argv, env = given(way, str(path), folder)
            outcome = execute(argv, env, str(self.directory / "log"))
            if way in OTHERS:
                verdict = "crash" if outcome.status < 0 or outcome.hung else "survived"
                results.append((way.name, verdict, ""))
            else:
                results.append((f"{way.name} {seed.machine}", *judge(way, str(path), folder, outcome)))
        if any(r[1] == "failed" for r in results):
            keep(path, f"{index}-{seed.name}")
        path.unlink()
        return index, seed.name, results


def keep(path, name):
    (BUILD / "failed").mkdir(exist_ok=True)
    shutil.copy(path, BUILD / "failed" / name)


def regressions(w):
    """Files that once broke the loader; tests/fuzz/regress/ has them."""
    for path in sorted((HERE / "regress").glob("*.elf")):
        copy = w.directory / HOST / path.name
        shutil.copy(path, copy)
        copy.chmod(0o755)
        folder = w.cast("L", copy)
        results = []
        for way in ways(HOST):
            if "L" not in way.kinds:
                continue
            argv, env = given(way, str(copy), folder)
            outcome = execute(argv, env, str(w.directory / "log"))
            results.append((f"{way.name} {HOST}", *judge(way, str(copy), folder, outcome)))
        yield 0, path.name, results


def report(tallies, missing):
    for name, verdicts in sorted(tallies.items()):
        total = sum(verdicts.values())
        print(f"{name:16} {total:6}  " + "  ".join(
            f"{verdict} {n} ({100 * n / total:.1f} %)" for verdict, n in sorted(verdicts.items())))
    for reason in missing:
        print(f"SKIPPED  {reason}")
    ours = [v for name, v in tallies.items() if name not in {w.name for w in OTHERS}]
    failed = sum(v["failed"] for v in ours)
    passed = sum(sum(v.values()) for v in ours) - failed
    print(f"{passed} passed, {failed} failed, {len(missing)} skipped")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int)
    parser.add_argument("--seeds", default="", help="only files whose name has this in it")
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    machines, missing = machines_here()
    BUILD.mkdir(parents=True, exist_ok=True)
    build(machines)
    try_blame()
    seeds = {m: [s for s in seeds_of(m) if options.seeds in s.name] for m in machines}
    seeds = {m: found for m, found in seeds.items() if found}
    tallies = collections.defaultdict(collections.Counter)
    indexes = range(options.count) if options.only is None else [options.only]
    with tempfile.TemporaryDirectory(prefix="mutate-") as root, \
            multiprocessing.Pool(os.cpu_count(), pool.start, (Worker, root, options, seeds)) as workers:
        mutants = workers.imap_unordered(pool.run, indexes, 16)
        once_broken = regressions(Worker(root, options, seeds))
        for index, name, results in itertools.chain(once_broken, mutants):
            for way, verdict, details in results:
                tallies[way][verdict] += 1
                if verdict == "failed" or options.verbose or options.only is not None:
                    print(f"{verdict.upper()}  {index} {name} {way}: {details}")
    sys.exit(report(tallies, missing) != 0)


if __name__ == "__main__":
    main()
