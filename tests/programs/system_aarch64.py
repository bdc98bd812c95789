#!/usr/bin/env python3
"""Debian's own glibc programs of another machine under qemu-user, with that machine's ld.so as the
oracle.

Each runs in two ways and must print the same and end the same: as a command, and with the loader at
the path of the program's interpreter, below the emulator's root.  Children of a program are not
emulated.

    system_aarch64.py [--machine aarch64] [--only TEXT] [--way command|place]... [--verbose]
"""
import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from process import difference, execute  # noqa: E402 (the library's folder is named just above)
from selection import choose  # noqa: E402
from toolchain import MACHINES, TOP, Unavailable, fetch  # noqa: E402

SUITE = "bookworm"
WAYS = ("command", "place")
PACKAGES = """libc6 libgcc-s1 libtinfo6 bash perl-base perl perl-modules-5.36 libperl5.36 libcrypt1
    python3.11 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libexpat1 zlib1g libssl3
    libsqlite3-0 libffi8 libbz2-1.0 liblzma5 git libpcre2-8-0 openssl sqlite3 libreadline8""".split()
REPOSITORY = """
git init -q -b main . && git config user.name a && git config user.email a@b.c
for n in 1 2 3; do
	seq $n 40 >file$n; git add .
	GIT_AUTHOR_DATE="2026-01-0$n 12:00 +0000" GIT_COMMITTER_DATE="2026-01-0$n 12:00 +0000" \\
		git commit -q -m "commit $n"
done
"""
EVERYTHING = {"stdout": [], "stderr": [], "only_errors": False}


@dataclasses.dataclass
class Case:
    """A program of the suite and its arguments."""
    name: str
    argv: list
    status: int = 0


def git(*words):
    return ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "gc.auto=0",
            "-c", "maintenance.auto=false", *words]


CASES = [
    Case("bash", ["bash", "words.sh"], 7),
    Case("bash error", ["bash", "-c", "cd /nowhere || exit 4"], 4),
    Case("python3", ["python3.11", "-I", "modules.py"], 3),
    Case("python3 exception", ["python3.11", "-I", "-c", "raise KeyError('gone')"], 1),
    Case("perl", ["perl", "modules.pl"]),
    Case("perl dies", ["perl", "-e", "die qq(no more\n)"], 255),
    Case("git init", git("init", "-b", "main", "made")),
    Case("git log", git("log", "--stat", "--format=%H %s %ad", "-3")),
    Case("git hash", git("hash-object", "words.sh", "modules.pl")),
    Case("git error", git("show", "no-such-commit"), 128),
    Case("openssl", ["openssl", "dgst", "-sha256", "modules.py", "modules.pl"]),
    Case("openssl key", ["openssl", "ecparam", "-name", "prime256v1", "-check"]),
    Case("sqlite3", ["sqlite3", ":memory:", "create table t (n); insert into t values (2), (3); "
                     "select sum(n), sqrt(2), upper('a') from t"]),
]


class World:
    """Roots for the emulator: the suite's, and one that differs from it in the loader alone."""

    def __init__(self, machine):
        self.machine = machine
        self.loader = TOP / "build" / machine.name / "myld.so"
        if not self.loader.exists():
            raise Unavailable(f"{self.loader} is not built (make ARCH={machine.name})")
        self.root = fetch(SUITE, machine, *PACKAGES)
        self.run = TOP / "build/run/system-aarch64" / machine.name
        self.libraries = self.root / f"usr/lib/{machine.name}-linux-gnu"
        self.oracle = self.libraries / pathlib.Path(machine.glibc_loader).name
        self.replaced = self._replace()
        self.repository = self._repository()

    def _repository(self):
        """Made by this machine's git."""
        folder = self.run / "repository"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        subprocess.run(["bash", "-e", "-c", REPOSITORY], cwd=folder, check=True)
        return folder / ".git"

    def _replace(self):
        root = self.run / "root"
        shutil.rmtree(root, ignore_errors=True)
        (root / "lib").mkdir(parents=True)
        for name in ("usr", "bin", "etc"):
            (root / name).symlink_to(self.root / name)
        (root / "lib" / self.libraries.name).symlink_to(self.libraries)
        (root / "lib" / self.oracle.name).symlink_to(self.loader)
        return root

    def start(self, case, way, loader):
        """loader: None for the oracle."""
        folder = self.run / way / case.name.replace(" ", "-")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(HERE / "aarch64", folder)
        program = str(self.root / "usr/bin" / case.argv[0])
        env = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(folder), "MYLD_CACHE": "off",
               "GIT_TEMPLATE_DIR": "", "GIT_DIR": str(self.repository)}
        if case.argv[-1] == "made":
            del env["GIT_DIR"]
        if way == "command":
            argv = [str(loader or self.oracle), "--library-path", str(self.libraries), program]
            root, executable = self.root, argv[0]
        else:
            argv, executable = [program], program
            root = self.replaced if loader else self.root
        command = self.machine.command(root, executable, argv + case.argv[1:], env)
        return execute(cwd=folder, timeout=120, **command)


def check(world, case, way):
    """-> (verdict, explanation)"""
    want = world.start(case, way, None)
    if want.status != case.status:
        return "failed", f"the oracle: {want.how()}\n{want.stderr.decode(errors='replace')}"
    got = world.start(case, way, world.loader)
    why = difference(want, got, EVERYTHING)
    if not why and got.stderr != want.stderr:
        why = f"stderr: {got.stderr!r}, expected {want.stderr!r}"
    return ("failed", why) if why else ("passed", "")


def arguments():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--machine", default="aarch64", choices=[n for n in MACHINES if MACHINES[n].qemu])
    parse.add_argument("--only", default="", help="programs whose name contains this text")
    parse.add_argument("--way", action="append", choices=WAYS)
    parse.add_argument("--verbose", action="store_true")
    return parse.parse_args()


def main():
    args = arguments()
    jobs = [(case, way) for case in choose(CASES, lambda case: args.only in case.name,
                                           f"--only {args.only}", "programs")
            for way in args.way or WAYS]
    try:
        world = World(MACHINES[args.machine])
    except Unavailable as reason:
        print(f"SKIPPED {reason}\n0 passed, 0 failed, {len(jobs)} skipped")
        return
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (case, way), (verdict, why) in zip(jobs, pool.map(lambda job: check(world, *job), jobs)):
            failed += verdict == "failed"
            if verdict != "passed" or args.verbose:
                print(f"{verdict.upper():7} {case.name} [{args.machine} {way}] {why}", flush=True)
    print(f"{len(jobs) - failed} passed, {failed} failed, 0 skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
