#!/usr/bin/env python3
"""glibcs that are not Debian's: built here from sources (build.sh), and old ones that others have built.

With each that is built here: the fixtures for glibc as the matrix runs them, with its own ld-linux as the
oracle, with its libraries as they are and stripped; programs of Debian 11 (bash, python3, perl, git ...);
and what the generator of layouts says of it, wherever its debugging information lies, which has to be what
the loader chooses; and --learn-glibc has to find its layout, or to refuse it, where the loader does not know
that.  With an old one: that its ld-linux runs the program, and what is said of it.

    check.py [--make] [--every] [--only TEXT] [--glibc NAME]...

--make: builds what is not built yet; otherwise that is skipped.  --every: all fixtures, and all programs; otherwise
some.  --only: what has TEXT in its name.
"""
import argparse
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE.parent / "programs")]
import system_aarch64 as programs  # noqa: E402 (the folders are named just above)
from process import difference, execute, text  # noqa: E402
from selection import nothing_matches  # noqa: E402
from toolchain import BUILD, BUILT_GLIBCS, MACHINES, TOP, BuiltGlibc, Unavailable, fetch  # noqa: E402

OLD = {"2.17": "x86_64", "2.17-aarch64": "aarch64"}
HOST = MACHINES["x86_64"]
MYLD = TOP / "build/x86_64/myld.so"
SAMPLE = ("glibc-start", "glibc-threads", "glibc-first-state", "glibc-foreign", "glibc-dlmopen", "tls-dlopen", "introspection")
STRIPPED = ("glibc-threads", "glibc-first-state", "glibc-static-tls")
QUICK = ("bash", "python3")
SUITE = "bullseye"
PACKAGES = """libtinfo6 bash perl-base perl perl-modules-5.32 libperl5.32 libcrypt1 python3.9 python3.9-minimal
    libpython3.9-minimal libpython3.9-stdlib libexpat1 zlib1g libssl1.1 libsqlite3-0 libffi7 libbz2-1.0 liblzma5
    libmpdec3 libuuid1 libgdbm6 libdb5.3 git libpcre2-8-0 openssl sqlite3 libreadline8""".split()
# Debian 11's sqlite3 has fewer functions.
CASES = [programs.Case("sqlite3", ["sqlite3", ":memory:", "select sum(n), upper('a') from (select 2 n union select 3)"])
         if case.name == "sqlite3" else case for case in programs.CASES]
TALLY = re.compile(r"(\d+) passed, (\d+) failed, (\d+) skipped")
ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "MYLD_CACHE": "off"}


class Report:
    """The tally.  --only leaves out what has another name."""

    def __init__(self, only):
        self.only = only
        self.passed = self.failed = self.skipped = self.left_out = 0

    def wants(self, label):
        wanted = self.only in label
        self.left_out += not wanted
        return wanted

    def attempt(self, label, function):
        """Runs function, which returns None or what is wrong."""
        if not self.wants(label):
            return
        try:
            problem = function()
        except Unavailable as reason:
            return self.skip(label, reason)
        self.failed += bool(problem)
        self.passed += not problem
        if problem:
            print(f"FAILED  {label}\n        " + problem.replace("\n", "\n        "), flush=True)

    def skip(self, label, reason):
        self.skipped += 1
        print(f"SKIPPED {label}\n        {reason}", flush=True)

    def add(self, label, output):
        """The tally of another script, and what it says of failures."""
        found = TALLY.findall(output)
        if not found or not any(map(int, found[-1][:2])):
            return self.attempt(label, lambda: output[-2000:] or "nothing was run")
        passed, failed, skipped = map(int, found[-1])
        self.passed, self.failed, self.skipped = self.passed + passed, self.failed + failed, self.skipped + skipped
        print(f"{label}: {passed} passed, {failed} failed")
        for line in re.findall(r"^(?:FAILED .*\n(?: {8}.*\n)*)", output, re.M):
            print(line, end="", flush=True)


def have(name, make):
    """Makes sure that there is a glibc of that name."""
    if (BUILD / "glibc" / name / "lib").exists():
        return
    if make or name in OLD:
        done = subprocess.run([HERE / "build.sh", name], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise Unavailable(done.stdout.strip()[-400:])
    if not (BUILD / "glibc" / name / "lib").exists():
        raise Unavailable("it is not built: make test-foreign-builds")


# ---- Fixtures ----

def run_script(report, label, name, *words):
    """A script of tests/run that prints a tally."""
    if report.wants(label):
        done = subprocess.run([HERE.parent / "run" / name, *words], cwd=TOP, text=True,
                              errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        report.add(label, done.stdout)


def run_fixtures(report, label, name, names):
    """names: of fixtures; none: all."""
    run_script(report, label, "run.py", "--glibc", name,
               *(word for fixture in names for word in ("--fixture", fixture)))


def strip(name):
    """A glibc of the same libraries without any symbols but those of the dynamic symbol table."""
    stripped = f"{name}-stripped"
    folder = BUILD / "glibc" / stripped
    if not folder.exists():
        shutil.copytree(BUILD / "glibc" / name / "lib", folder / "lib.new")
        for path in (folder / "lib.new").iterdir():
            if not path.is_symlink():
                subprocess.run(["strip", "--strip-all", path], check=True)
        (folder / "lib.new").rename(folder / "lib")
    return stripped


# ---- Programs ----

def in_suite(argv):
    return ["python3.9" if word == "python3.11" else word for word in argv]


def start(tree, libraries, loader, case):
    folder = BUILD / "run/foreign-builds" / case.name.replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(programs.HERE / "aarch64", folder)
    multiarch = tree / "usr/lib/x86_64-linux-gnu"
    name, *arguments = in_suite(case.argv)
    perl = [tree / "usr/share/perl/5.32", *multiarch.glob("perl/5.32*"), *multiarch.glob("perl-base")]
    env = {**ENV, "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(folder), "GIT_TEMPLATE_DIR": "",
           "PERL5LIB": ":".join(map(str, perl))}
    if name == "git" and case.argv[-1] != "made":
        subprocess.run(["bash", "-e", "-c", programs.REPOSITORY], cwd=folder, check=True, env={**ENV, "HOME": "/nowhere"})
    return execute([str(loader), "--library-path", f"{libraries}:{multiarch}", str(tree / "usr/bin" / name), *arguments],
                   env=env, cwd=folder, timeout=120)


def run_program(libc, case):
    tree = fetch(SUITE, HOST, *PACKAGES)
    want = start(tree, libc.lib, libc.libc, case)
    if want.status != case.status:
        return f"the oracle: {want.how()}\n{text(want.stderr)}"
    got = start(tree, libc.lib, MYLD, case)
    return difference(want, got, programs.EVERYTHING) or \
        (None if got.stderr == want.stderr else f"stderr: {text(got.stderr)}, expected {text(want.stderr)}")


# ---- The generator ----

def propose(libc, debug=""):
    return subprocess.run(["make", "-s", "glibc-layout", f"LIBC={libc}", f"DEBUG={debug}"], cwd=TOP, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def objcopy(*words):
    subprocess.run(["objcopy", *words], check=True)


def proposals(libc):
    """What is wrong with what the generator says: it has to name the layout that the loader chooses."""
    said = subprocess.run([MYLD, "--list-glibc", libc.lib / "libc.so.6"], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**ENV, "LD_DEBUG": "files"}).stdout
    chosen = re.search(r": laid out as (\w+)$", said, re.M)
    if not chosen:
        return f"the loader does not know it: {said}"
    want = f"has layout {chosen[1]}, which is there already\n"
    got = {"not stripped": propose(libc.lib / "libc.so.6")}
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        folder = pathlib.Path(directory)
        debug = folder / "debug/usr/lib64"
        debug.mkdir(parents=True)
        for name in ("libc.so.6", libc.libc.name):
            objcopy("--only-keep-debug", libc.lib / name, debug / f"{name}.debug")
            objcopy("--strip-all", "--add-gnu-debuglink", debug / f"{name}.debug", libc.lib / name, folder / name)
        got["stripped"] = propose(folder / "libc.so.6", folder / "debug")
        got["stripped, a file"] = propose(folder / "libc.so.6", debug / f"{libc.libc.name}.debug")
        shutil.move(debug, folder / "gone")
        if "no debugging information" not in propose(folder / "libc.so.6"):
            return "nothing lacks without debugging information"
    wrong = {how: said for how, said in got.items() if not said.endswith(want)}
    return f"{wrong}, expected {want}" if wrong else None


# ---- Old ones ----

class Old:
    """A glibc that has no layout, and a program that was linked with it."""

    def __init__(self, name):
        self.machine = MACHINES[OLD[name]]
        self.folder = BUILD / "glibc" / name
        self.lib = self.folder / "lib"
        self.loader = self.lib / pathlib.Path(self.machine.glibc_loader).name
        self.myld = TOP / "build" / self.machine.name / "myld.so"
        if not self.myld.exists():
            raise Unavailable(f"{self.myld} is not built (make ARCH={self.machine.name})")
        self.program = self.folder / "old"
        self.direct = self.folder / "old-myld"
        for target, interpreter in ((self.program, self.loader), (self.direct, self.myld)):
            subprocess.run([self.machine.cc, f"--sysroot={self.folder}", f"-B{self.folder}/usr/lib", f"-L{self.lib}",
                            f"-Wl,--dynamic-linker={interpreter}", HERE / "old.c", "-o", target, "-lpthread", "-ldl"],
                           check=True)

    def run(self, argv, *emulator, **env):
        argv = list(map(str, argv))
        command = self.machine.command("/", argv[0], argv, {**ENV, "KEPT": "kept", **env})
        command["args"] = [*command["args"][:1], *emulator, *command["args"][1:]]
        return execute(cwd=self.folder, **command)


def no_such_layout(old, outcome, *lines):
    """Whether a run says that there is no layout, and these lines."""
    said = text(outcome.stderr)
    lines = (r"libc\.so\.6: no table of this glibc's layout \(.*\): there is none of version 2\.17; so old a glibc is "
             "run by its own ld-linux alone$", *lines)
    missing = [line for line in lines if not re.search(line, said, re.M)]
    return f"no line matches {missing}: {outcome.how()}\n{said}" if missing else None


def old_runs(old):
    """Its ld-linux runs the program, with the loader as a command and as PT_INTERP."""
    want = old.run([old.loader, "--library-path", old.lib, old.program, "a", "b c"])
    if want.status != 3 or "glibc 2.17, KEPT=kept" not in text(want.stdout):
        return f"the oracle: {want.how()}, {text(want.stdout + want.stderr)}"
    handed = rf"^ +\d+:\t.*: handed over to {re.escape(str(old.loader))}$"
    for argv, env in (([old.myld, "--library-path", old.lib, old.program], {}),
                      ([old.direct], {"LD_LIBRARY_PATH": str(old.lib)})):
        got = old.run([*argv, "a", "b c"], **env)
        problem = difference(want, got, programs.EVERYTHING) or text(got.stderr)
        told = re.findall(handed, text(old.run(argv, LD_DEBUG="files", **env).stderr), re.M)
        if problem or len(told) != 1:
            return f"{argv}: {problem}, {told}"
    return None


def old_emulated(old):
    """Under an emulator, whose execve() the kernel can't do: which command it would be."""
    for argv, env, program in (([old.myld, "--library-path", old.lib, old.program], {}, old.program),
                               ([old.direct], {"LD_LIBRARY_PATH": str(old.lib)}, old.direct)):
        got = old.run([*argv, "a", "b c"], "-strace", LD_DEBUG="files", **env)
        tried = re.findall(r'execve\("(.*)",\{(.*),NULL\}\)', text(got.stderr))
        command = [str(word) for word in (old.loader, "--library-path", old.lib, program, "a", "b c")]
        if len(tried) != 1 or (tried[0][0], re.findall(r'"([^"]*)"', tried[0][1])) != (command[0], command):
            return f"{argv}: {tried}, expected {command}\n{text(got.stderr)[-2000:]}"
        if not re.search(rf"\d+:\t.*: handed over to {re.escape(str(old.loader))}$", text(got.stderr), re.M):
            return f"{argv}: not told: {text(got.stderr)[-2000:]}"
    return None


def old_refused(old):
    """What is said instead, and that the generator makes no layout."""
    command = [old.myld, "--no-system-loader", "--library-path", old.lib, old.program]
    own = rf"^myld\.so: {re.escape(str(old.loader))}: this glibc's own loader "
    got = old.run(command)
    problem = no_such_layout(old, got, f"{own}does not run it: not with --no-system-loader or MYLD_NO_SYSTEM_LOADER$")
    if problem or got.status != 127 or got.stdout:
        return problem or f"{got.how()}, {text(got.stdout)}"
    listed = old.run([old.myld, "--list", "--library-path", old.lib, old.program])
    if listed.status or "libc.so.6 => " not in text(listed.stdout):
        return f"--list: {listed.how()}, {text(listed.stdout + listed.stderr)}"
    said = subprocess.run(["make", "-s", f"ARCH={old.machine.name}", "glibc-layout", f"LIBC={old.lib / 'libc.so.6'}"],
                          cwd=TOP, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    if "glibc 2.17 is older than 2." not in said:
        return said
    return no_such_layout(old, listed, f"{own}would run it$")


# ---- All of it ----

def check_built(report, name, args):
    if not report.only or report.only in name:
        try:
            have(name, args.make)
        except Unavailable as reason:
            return report.skip(name, reason)
    libc = BuiltGlibc(HOST, name)
    report.attempt(f"{name} generator", functools.partial(proposals, libc))
    for case in CASES:
        if args.every or case.name in QUICK:
            report.attempt(f"{name} {case.name}", functools.partial(run_program, libc, case))
    run_fixtures(report, f"{name} fixtures", name, () if args.every else SAMPLE)
    run_fixtures(report, f"{name} stripped, fixtures", strip(name), STRIPPED)
    if args.every:
        run_script(report, f"{name} learnt", "learn.py", "--filter", f"built {name}")
    return None


def check_old(report, name):
    try:
        have(name, False)
        old = Old(name)
    except Unavailable as reason:
        return report.skip(name, reason)
    report.attempt(f"{name} runs", functools.partial(old_emulated if old.machine.qemu else old_runs, old))
    return report.attempt(f"{name} refused", functools.partial(old_refused, old))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--make", action="store_true", help="build what is not built yet")
    parser.add_argument("--every", action="store_true", help="all fixtures and programs")
    parser.add_argument("--only", default="", help="what has this text in its name")
    parser.add_argument("--glibc", action="append", choices=[*BUILT_GLIBCS, *OLD], help="only this one")
    args = parser.parse_args()
    report = Report(args.only)
    for name in args.glibc or [*OLD, *BUILT_GLIBCS]:
        if name in OLD:
            check_old(report, name)
        else:
            check_built(report, name, args)
    if args.only and not report.passed + report.failed + report.skipped:
        nothing_matches(f"--only {args.only}", report.left_out, "checks")
    print(f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
