#!/usr/bin/env python3
"""make test: the stages one after another; the last line is the sum of their tallies.

    stages.py [--options "OPTIONS"] [NAME]...        make test RUN="NAME..." OPTIONS="OPTIONS"
    stages.py --list

A NAME is one of these, and whatever it does not name is left out:

    STAGE         the stage as it is in the whole test
    STAGE:TEXT    what of the stage has TEXT in its name
    TOPIC/        the fixtures in testbins/TOPIC/
    anything else the fixture called so, or else those with this in their name, and the unit tests
                  with this in their name; on this machine, with the usual versions of libc

OPTIONS are added to the command of the stages that are named.  For the fixtures they stand in the
place of --matrix, or of this machine; they go to the fixtures alone where those are among the stages.

A stage says "N passed, N failed, N skipped" on a line of its own; one that does not counts as one
test, passed if it exits with 0.  Its output is kept in build/tests/STAGE.log.
"""
import argparse
import dataclasses
import difflib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from case import descriptions  # noqa: E402 (the library's folder is named just above)
from toolchain import BUILD, MACHINES, TOP  # noqa: E402

HOST = os.uname().machine
MAKE = [*shlex.split(os.environ.get("MAKE", "make")), "--no-print-directory"]
INHERIT = {"close_fds": False}  # make hands the jobs that may run side by side on by descriptors
LOGS = BUILD / "tests"
TALLY = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?")
SKIPPED = re.compile(r"(SKIPPED|skipped)\b")
RUNNER = "tests/run/run.py"
POSITIONAL = ""


@dataclasses.dataclass
class Stage:
    """options: of the whole test.  part: the option by which the command takes the name of a part,
    POSITIONAL for a bare word, None where it takes none.  loaders: of which machines it needs one
    (of those that --machine names, if it does)."""
    name: str
    about: str
    command: list
    options: list = dataclasses.field(default_factory=list)
    part: str = None
    loaders: tuple = (HOST,)


STAGES = {stage.name: stage for stage in (
    Stage("unit", "functions of the loader, with sanitizers",
          ["tests/run/unit.py"], part="--filter", loaders=()),
    Stage("check-self", "relocations, exports and vector registers of the loader itself",
          [*MAKE, "check-self"], loaders=()),
    Stage("clang", "the loader built by the other compiler", [*MAKE, "test-clang"], loaders=()),
    Stage("fixtures", "the fixtures of testbins/ and what the modules of run/checks do with some",
          [RUNNER], ["--matrix"], "--filter", tuple(MACHINES)),
    Stage("fixtures-snapshot", "each fixture twice, the second start by pages that the first left",
          [RUNNER, "--machine", "x86_64", "--cache", "snapshot"], part="--filter"),
    Stage("fixtures-bindings", "the same by bindings alone",
          [RUNNER, "--machine", "x86_64", "--cache", "bindings"], part="--filter"),
    Stage("fixtures-no-cache", "the fixtures with a loader that was built without its cache",
          [*MAKE, "test-no-cache"]),
    Stage("cache", "one change behind a start that left something, then a start",
          ["tests/cache/start.py"], ["--random", "4", "-j", "6"], "--filter"),
    Stage("cache-controls", "loaders with one check left out, which the cache's tests must notice",
          ["tests/cache/start.py", "--controls"], ["-j", "3"], "--filter"),
    Stage("ifunc", "the facts about the processor that glibc's resolvers go by",
          ["tests/run/ifunc.py"], part=POSITIONAL),
    Stage("cache-dlopen", "the same as cache for what a dlopen leaves",
          ["tests/cache/dlopen.py"], part="--filter"),
    Stage("bindings", "what the symbols of large programs are bound to",
          ["tests/programs/bindings.py"], part=POSITIONAL),
    Stage("graphs", "load and constructor order over generated dependency graphs",
          ["tests/graphs/check.py"], part="--graph"),
    Stage("layouts", "the tables of glibc's private structures, by Debian's packages",
          ["tests/run/layouts.py"], loaders=()),
    Stage("builds", "glibcs that are not Debian's: old ones, and those built here that are there",
          ["tests/builds/check.py"], part="--only", loaders=("x86_64", "aarch64")),
    Stage("learn", "--learn-glibc, with known layouts of glibc taken away, and starts by what was learnt",
          ["tests/run/learn.py"], part="--filter"),
    Stage("bench", "that the measuring programs measure what they say", ["tests/bench/check.py"]),
    Stage("tunables", "GLIBC_TUNABLES beside glibc's own ld.so",
          ["tests/run/tunables.py"], loaders=()),
    Stage("apps", "musl programs from Debian's sources: busybox, lua, sqlite3 ...",
          ["tests/programs/apps.py"], part="--only"),
    Stage("system-aarch64", "Debian's glibc programs of aarch64: bash, python3, perl, git ...",
          ["tests/programs/system_aarch64.py"], part="--only", loaders=("aarch64",)),
    Stage("package", "the package, and the recipes of docs/package, in roots of their own",
          ["tests/run/package.py"], part=POSITIONAL),
    Stage("debian", "a root by debootstrap whose programs all run under the loader",
          ["tests/debian/debian.py"], ["--short"]),
    Stage("system", "the machine's own programs: bash, python3, git, gcc, node ...",
          ["tests/programs/system.py"], part="--only"),
    Stage("parity", "programs of the machine with --version",
          ["tests/programs/parity.py"], ["--sample", "60"], "--only"),
    Stage("parity-snapshot", "the same, the second start by pages that the first left",
          ["tests/programs/parity.py", "--cache", "snapshot"], ["--sample", "40"], "--only"),
    Stage("faults", "each system call of the loader fails once",
          ["tests/fault/check.py"], part="--only"),
    Stage("mutants", "damaged files: no crash in the loader",
          ["tests/fuzz/mutate.py"], ["--count", "4000"], "--seeds", tuple(MACHINES)),
    Stage("sequences", "dlopen, dlsym, calls and dlclose over damaged libraries",
          ["tests/fuzz/sequences.py"], ["--count", "1500"], "--known"),
    Stage("fuzz", "the parsers, for some seconds each",
          ["tests/fuzz/run.sh", "8"], part=POSITIONAL, loaders=()),
)}


@dataclasses.dataclass
class Job:
    """A stage, or the part of it that is chosen."""
    stage: Stage
    words: list  # behind its command
    whole: bool = True

    @property
    def command(self):
        return self.stage.command + self.words

    def machines(self):
        """Those whose loader has to be there."""
        command = self.command
        named = [after for word, after in zip(command, command[1:]) if word == "--machine"]
        return named or list(self.stage.loaders)


def nothing(name, candidates):
    near = difflib.get_close_matches(name, list(dict.fromkeys(candidates)), 4, 0.5)
    print(f"FAILED  RUN={name}: no stage, no fixture and no unit test has this name or a name with it" +
          (f"; there is {', '.join(near)}" if near else "") + "\n0 passed, 1 failed, 0 skipped")
    raise SystemExit(1)


# ---- Which stages ----

def fixtures(name):
    """The names of the fixtures that a NAME means."""
    found = [path.parent for path in descriptions()]
    if name.endswith("/"):
        return [folder.name for folder in found if folder.parent.name == name[:-1]]
    names = [folder.name for folder in found]
    return [name] if name in names else [n for n in names if name in n]


def unit_tests():
    return [path.stem for path in sorted((TOP / "tests/unit").rglob("*.c"))
            if re.search(r"\bmain\(", path.read_text())]


def jobs_for(name, options):
    """What a NAME means."""
    if name in STAGES:
        return [Job(STAGES[name], STAGES[name].options)]
    if name.partition(":")[0] in STAGES:
        return [part_of(STAGES[name.partition(":")[0]], name.partition(":")[2])]
    jobs = []
    found, units = fixtures(name), [unit for unit in unit_tests() if name in unit]
    if found:
        words = [word for fixture in found for word in ("--fixture", fixture)]
        here = [] if {"--machine", "--matrix"} & set(options) else ["--machine", HOST]
        jobs.append(Job(STAGES["fixtures"], words + here, False))
    if units:
        jobs.append(Job(STAGES["unit"], ["--filter", name], False))
    return jobs or nothing(name, [*STAGES, *unit_tests(), *fixtures("")])


def part_of(stage, text):
    if stage.part is None:
        raise SystemExit(f"stages.py: {stage.name} has no parts: RUN={stage.name} runs all of it")
    return Job(stage, stage.options + ([stage.part] if stage.part else []) + [text], False)


def chosen(names, options):
    """The jobs for all names, or for none: the whole test."""
    if not names:
        jobs = [Job(stage, stage.options) for stage in STAGES.values()]
    else:
        jobs = [job for name in names for job in jobs_for(name, options)]
    takers = [job for job in jobs if job.stage.name == "fixtures"] or jobs
    for job in takers if options else ():
        kept = [word for word in job.words if word != "--matrix"]
        job.words = kept + options
    return jobs


# ---- Running them ----

def build(jobs):
    """The loaders that the jobs need."""
    machines = dict.fromkeys(machine for job in jobs for machine in job.machines())
    for machine in machines:
        done = subprocess.run([*MAKE, "-s", f"test-loader-{machine}"], cwd=TOP, check=False, **INHERIT)
        if done.returncode:
            print(f"FAILED  the loader for {machine} does not build\n0 passed, 1 failed, 0 skipped")
            raise SystemExit(1)


def follow(job, log):
    """Runs the job, shows and keeps what it prints
    -> (exit status, its last tally, what it skipped, the first line of each failure)"""
    tally, skipped, failed, telling = None, [], [], False
    with subprocess.Popen(job.command, cwd=TOP, text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **INHERIT) as process:
        for line in process.stdout:
            log.write(line)
            found = TALLY.fullmatch(line.rstrip("\n"))
            if found:
                tally = [int(number or 0) for number in found.groups()]
                continue
            print(line, end="", flush=True)
            if line.startswith("FAILED"):
                failed.append(line.removeprefix("FAILED")[:200].strip())
            telling = bool(SKIPPED.match(line)) or telling and line.startswith("        ")
            if telling:
                skipped.append(line.rstrip())
    return process.returncode, tally, skipped, failed


def log_of(stage):
    return LOGS / f"{stage.name}.log"


def run(job):
    """-> ([passed, failed, skipped], lines about what it skipped, lines about what failed)"""
    name, begun = job.stage.name, time.monotonic()
    print(f"== {name}: {shlex.join(map(str, job.command))}", flush=True)
    with log_of(job.stage).open("a") as log:  # of each job, if two are parts of one stage
        status, tally, skipped, failed = follow(job, log)
    if tally is None:
        tally = [int(status == 0), 0, 0]
    elif not any(tally) and not job.whole:
        tally[1] = 1
        failed.append(f"{job.words[-1]} matches nothing")
        print("FAILED ", failed[-1])
    if status and not tally[1]:
        tally[1] = 1
        failed.append(f"exit {status}")
        print("FAILED ", failed[-1])
    print("== %s: %d passed, %d failed, %d skipped" % (name, *tally) +
          f" ({time.monotonic() - begun:.0f} s, build/tests/{name}.log)", flush=True)
    return tally, [f"{name}: {line}" for line in skipped], [f"{name}: {line}" for line in failed]


def listing():
    width = max(map(len, STAGES))
    for stage in STAGES.values():
        part = {None: "", POSITIONAL: "PART"}.get(stage.part, f"{stage.part} PART")
        print(f"{stage.name:{width}}  {stage.about}")
        print(f"{'':{width}}  {shlex.join(stage.command + stage.options)} {part}".rstrip())


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="what stages there are")
    parser.add_argument("--options", default="", type=shlex.split)
    parser.add_argument("names", nargs="*", metavar="NAME")
    return parser.parse_args()


def main():
    args = parse()
    if args.list:
        return listing()
    jobs = chosen(args.names, args.options)
    left_out = [name for name in STAGES if name not in {job.stage.name for job in jobs}]
    LOGS.mkdir(parents=True, exist_ok=True)
    for job in jobs:
        log_of(job.stage).unlink(missing_ok=True)
    build(jobs)
    sums, skipped, failed = [0, 0, 0], [], []
    for job in jobs:
        tally, left, failures = run(job)
        sums = [a + b for a, b in zip(sums, tally)]
        skipped += left
        failed += failures
    for line in skipped:
        print(f"== skipped in {line}")
    for line in failed:
        print(f"== failed in {line}")
    if left_out:
        print(f"== left out by RUN={' '.join(args.names)}: {', '.join(left_out)}")
    print("%d passed, %d failed, %d skipped" % tuple(sums))
    return 1 if sums[1] else 0


if __name__ == "__main__":
    sys.exit(main())
