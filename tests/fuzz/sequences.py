#!/usr/bin/env python3
"""sequences.py: sequences of dlopen, dlsym, dlclose and their like over damaged libraries.

    sequences.py [--count N] [--seed S] [--only I] [--host NAME] [-v]

Each time a program (seeds/host.c, without a libc, with musl or with glibc) is given some operations on a
library that is damaged (damage.py), a good one with the same symbols and one that both need.  The loader must
not die or hang; what fails has a text, which is short, printable and about this operation; a dlopen that
failed has changed nothing; in the end the registry equals /proc/self/maps.  A damaged library's own code may
do what it likes, which ends the sequence without a verdict; whose doing a death is tells the place where it
died, and if that is the loader gdb (blame.py).  Cases that once failed (known.py) come first.

Libraries of failed sequences are kept in build/fuzz/failed/, and the command is printed.
"""
import argparse
import collections
import itertools
import multiprocessing
import os
import pathlib
import random
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import pool  # noqa: E402
from damage import Library, damage  # noqa: E402
from known import KNOWN  # noqa: E402
from mutate import BUILD, HERE, HOST, TOP, blame, execute, keep, loader_of  # noqa: E402
from mutator import Regions  # noqa: E402
from toolchain import Free, MACHINES  # noqa: E402

OUT = BUILD / "sequences"
HOSTS = ("free", "musl", "glibc")
LONGEST = 700  # characters of a message
GLOBAL = 0x100
NAMES = ["seed_function", "seed_lazy", "seed_lazy_needed", "seed_tls_sum", "seed_weak", "seed_ifunc_caller",
         "seed_ifunc"]
DATA = ["seed_data", "seed_tls", "needed_function", "needed_data", "no_such_symbol", "seed_absent", ""]
PLACES = {"bad": 3, "good": 2, "need": 1}
Result = collections.namedtuple("Result", "index host verdict details")


# ---- What is run ----

def build():
    OUT.mkdir(parents=True, exist_ok=True)
    seeds = HERE / "seeds"
    include = ["-O1", "-Wall", "-Wextra", "-Werror", f"-I{TOP}/testbins/common", str(seeds / "host.c")]
    free = Free(MACHINES[HOST])
    commands = [
        ["musl-gcc", *include, "-o", str(OUT / "host-musl")],
        ["gcc", *include, "-o", str(OUT / "host-glibc")],
        ["gcc", "-DWITHOUT_LIBC", "-fPIE", *free.compile_flags(), "-o", str(OUT / "host-free"),
         *free.link("pie", include, False)]]
    link = ["gcc", "-O1", "-ffreestanding", "-fno-stack-protector", "-fPIC", "-shared", "-nostdlib",
            "-Wl,-z,lazy,-z,relro,-z,noseparate-code,--build-id,-rpath,$ORIGIN,-soname,libneed.so"]
    commands.append([*link, "-o", str(OUT / "libneed.so"), str(seeds / "need.c"),
                     f"-Wl,--version-script,{seeds / 'need.map'}"])
    versions = f"-Wl,--version-script,{seeds / 'called.map'}"
    for name, flags in (("gnu", ["-Wl,--hash-style=gnu", "-mtls-dialect=gnu", versions]),
                        ("sysv", ["-Wl,--hash-style=sysv", "-mtls-dialect=gnu2"]),
                        ("ie", ["-Wl,--hash-style=gnu", "-ftls-model=initial-exec"])):
        commands.append([*link, "-Wl,-soname,libcalled.so", "-o", str(OUT / f"{name}.so"),
                         str(seeds / "called.c"), *flags, str(OUT / "libneed.so")])
    for command in commands:
        subprocess.run(command, check=True)


def loader_symbols():
    """(address of myld_check_maps, end of the loader's code)"""
    text = subprocess.run(["nm", str(loader_of(HOST))], check=True, text=True, stdout=subprocess.PIPE).stdout
    at = int(re.search(r"^(\w+) T myld_check_maps$", text, re.M)[1], 16)
    return at, max(int(m[1], 16) for m in re.finditer(r"^(\w+) [tT] ", text, re.M)) + 4096


# ---- Sequences ----

def flags_of(rng):
    flags = rng.choice([1, 1, 2])
    for bit, often in ((GLOBAL, 0.25), (4, 0.05), (8, 0.08), (0x1000, 0.04)):
        flags |= bit if rng.random() < often else 0
    return flags


def operation(rng, paths, host):
    kind = rng.choices("ooomsssssvfffaaipcct", k=1)[0]
    slot = str(rng.randrange(3))
    if kind == "m" and host != "glibc" or kind == "v" and host != "glibc":
        kind = "s"
    if kind in "om":
        return f"{kind},{slot},{flags_of(rng):x},{paths[rng.choices(list(PLACES), PLACES.values())[0]]}"
    if kind in "sv":
        name = rng.choice(NAMES + DATA)
        version = rng.choice(["SEED_1", "NEED_1", "NONE"])
        return f"{kind},{rng.choice([slot, slot, slot, 'D', 'N'])},{name}" + (f",{version}" if kind == "v" else "")
    if kind == "i":
        return f"i,{slot},{rng.choice([1, 2, 4, 6, 9, 10, 11, 77]):x}"
    if kind == "t":
        inner = operation(rng, paths, host)
        return inner if inner[0] in "tb" or host == "free" else "t," + inner
    return f"c,{slot}" if kind == "c" else kind


def sequence(rng, paths, host):
    """Most begin with both libraries, in one order or the other."""
    begin = [f"o,0,{flags_of(rng):x},{paths['bad']}", f"o,1,{flags_of(rng):x},{paths['good']}"]
    rng.shuffle(begin)
    found = begin + [operation(rng, paths, host) for _ in range(rng.randrange(3, 16))]
    for i in range(len(found) - 1, -1, -1):  # a function that is found is called
        if found[i][0] in "sv" and found[i].split(",")[2] in NAMES and rng.random() < 0.8:
            found.insert(i + 1, "f")
    if host != "free" and rng.random() < 0.1:
        found.insert(rng.randrange(3), "b")
    return found


# ---- What an outcome means ----

class Reading:
    """The lines of a program's output, in the order of its operations."""

    def __init__(self, out, everywhere):
        self.everywhere = everywhere  # what is damaged is met in every lookup
        self.opened = {}              # slot: names that its scope has
        self.calling, self.operation, self.wrong = False, "", None

    def line(self, text):
        if text.startswith("> "):
            self.operation, self.calling = text[2:].removeprefix("t,"), False
        elif text.startswith("wrong: "):
            self.wrong = self.wrong or f"{self.operation}: {text}"
        elif text in ("calls", "back"):
            self.calling = text == "calls"
        elif text.startswith("refused: "):
            for message in text.removeprefix("refused: ").split("\t"):
                self.wrong = self.wrong or self.judge(message)
        elif text == "done" and self.operation[:1] in ("o", "m"):
            _, slot, flags, path = self.operation.split(",", 3)
            self.opened[slot] = pathlib.Path(path).name
            self.everywhere |= int(flags, 16) & GLOBAL and "bad" in path
        elif text == "done" and self.operation[:1] == "c":
            self.opened.pop(self.operation.split(",")[1], None)

    def judge(self, message):
        if re.search(r"[\0-\x1f\x7f]", message):
            return f"{self.operation}: control characters in a text: {message!r}"
        if len(message) > LONGEST:
            return f"{self.operation}: a text of {len(message)} characters"
        fields = self.operation.split(",")
        about = fields[3] if fields[0] in "om" else self.opened.get(fields[1], "bad")
        if "libbad.so" in message and "bad" not in about and not self.everywhere and fields[1] not in ("D", "N"):
            return f"{self.operation}: a text about another library: {message}"
        return None


def judge(argv, outcome, everywhere, code):
    """(verdict, details)"""
    reading = Reading(outcome.out, everywhere)
    lines = outcome.out.split("\n")
    for text in lines:
        reading.line(text)
    if reading.wrong:
        return "failed", reading.wrong
    if outcome.hung:
        return ("own code", "") if reading.calling else ("failed", f"{reading.operation}: did not end")
    place = next((int(m[1], 16) for text in lines if (m := re.match(r"died: (\w+)$", text))), None)
    if outcome.status < 0 or place is not None:
        return judge_death(argv, reading, outcome.status, place, code)
    if outcome.status == 127 and reading.calling:
        said = [text for text in lines if ".so: " in text and not text.startswith(("> ", "refused: "))]
        return ("refused a call", "") if said else ("failed", f"{reading.operation}: exit 127 without a message")
    if outcome.status == 0 and "end" in lines:
        return "to its end", ""
    if reading.calling:
        return "own code", ""
    return "failed", f"{reading.operation}: exit {outcome.status}\n{outcome.out}"


def judge_death(argv, reading, status, place, code):
    at, end = code
    in_loader = place is not None and (address := (place + at) % (1 << 64)) < end
    if place is not None and not in_loader:
        return "own code", ""
    who, trace = blame(argv, {})
    lazily = any(name in trace for name in ("plt_resolve", "tls_address"))
    if who == "file" or (reading.calling and not lazily):
        return "own code", ""
    where = f" at {address:#x}" if in_loader else ""
    return "failed", f"{reading.operation}: died ({status}){where}: {who}'s doing\n{trace}"


# ---- Running ----

class Worker:
    def __init__(self, root, options):
        self.options = options
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=root))
        (self.directory / "libneed.so").symlink_to(OUT / "libneed.so")
        (self.directory / "libgood.so").symlink_to(OUT / "gnu.so")
        self.seeds = [(path.name, Library(path.read_bytes()), Regions(path.read_bytes()))
                      for path in (OUT / "gnu.so", OUT / "sysv.so", OUT / "ie.so")]
        self.code = loader_symbols()

    def paths(self, data):
        """Where the libraries are, when the damaged one has been written."""
        found = {place: str(self.directory / f"lib{place}.so") for place in PLACES}
        pathlib.Path(found["bad"]).unlink(missing_ok=True)
        pathlib.Path(found["bad"]).write_bytes(data)
        return found

    def execute(self, host, operations):
        argv = [str(loader_of(HOST)), str(OUT / f"host-{host}"), *operations]
        return argv, execute(argv, {}, str(self.directory / "log"))

    def run_known(self, host, known):
        """What is wrong, or None."""
        name, seed, change, operations, wanted, unwanted = known
        library = next(lib for n, lib, _ in self.seeds if n == seed)
        data = bytearray(library.data)
        change(library, data)
        paths = self.paths(data)
        operations = [o.replace("BAD", paths["bad"]).replace("GOOD", paths["good"]) for o in operations]
        argv, outcome = self.execute(host, operations)
        amiss = outcome.hung or unwanted and re.search(unwanted, outcome.out)
        if re.search(wanted, outcome.out) and not amiss:
            return None
        return f"{name}, {host}: exit {outcome.status}, expected {wanted}\n{outcome.out}        {shlex.join(argv)}"

    def run(self, index):
        rng = random.Random(f"{self.options.seed}/{index}/sequence")
        host = self.options.host or rng.choice(HOSTS)
        name, library, regions = rng.choice(self.seeds)
        data = damage(library, regions, f"{self.options.seed}/{index}")
        paths = self.paths(data)
        argv, outcome = self.execute(host, sequence(rng, paths, host))
        verdict, details = judge(argv, outcome, may_be_global(data), self.code)
        if verdict == "failed":
            keep(paths["bad"], f"sequence-{index}-{name}")
            details += "\n        " + shlex.join(argv)
        return Result(index, host, verdict, details)


def may_be_global(data):
    """Whether its own flags may add it to the global scope: a DT_FLAGS_1 with DF_1_GLOBAL."""
    return any(int.from_bytes(data[i + 8:i + 12], "little") & 2
               for i in range(0, len(data) - 16, 8) if data[i:i + 8] == b"\xfb\xff\xff\x6f\0\0\0\0")


def run_known(worker, text, tally):
    """The known cases with this text in their names, with each host."""
    for known in KNOWN:
        for host in HOSTS if text in known[0] else ():
            wrong = worker.run_known(host, known)
            tally["known"]["failed" if wrong else "as expected"] += 1
            if wrong:
                print(f"FAILED  {wrong}", flush=True)


def report(tally):
    for host, verdicts in sorted(tally.items()):
        total = sum(verdicts.values())
        print(f"{host:8} {total:6}  " + "  ".join(
            f"{verdict} {n} ({100 * n / total:.1f} %)" for verdict, n in sorted(verdicts.items())))
    failed = sum(v["failed"] for v in tally.values())
    print(f"{sum(sum(v.values()) for v in tally.values()) - failed} passed, {failed} failed, 0 skipped")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int)
    parser.add_argument("--known", help="only the known cases with this text in their names")
    parser.add_argument("--host", choices=HOSTS)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    if HOST != "x86_64":
        print("SKIPPED  sequences: on x86_64 only\n0 passed, 0 failed, 1 skipped")
        return 0
    build()
    tally = collections.defaultdict(collections.Counter)
    indexes = range(options.count) if options.only is None else [options.only]
    indexes = [] if options.known is not None else indexes
    with tempfile.TemporaryDirectory(prefix="sequences-") as root, \
            multiprocessing.Pool(os.cpu_count(), pool.start, (Worker, root, options)) as workers:
        if options.only is None:
            run_known(Worker(root, options), options.known or "", tally)
        for result in workers.imap_unordered(pool.run, indexes, 16):
            tally[result.host][result.verdict] += 1
            if result.verdict == "failed" or options.verbose or options.only is not None:
                print(f"{result.verdict.upper()}  {result.index} {result.host}: {result.details}", flush=True)
    return report(tally) != 0


if __name__ == "__main__":
    sys.exit(main())
