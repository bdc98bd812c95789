"""Builds of glibc that no table has, made of Debian's.

"Unlisted" ones have another build-id, and in ld-linux other directories, another $LIB, another name of
a tunable and of a symbol: the loader has to tell all that from the file, as that ld-linux does, which is
the oracle.  "Unknown" ones say a version that there is none of: that ld-linux has to run the program, as
if it had been started in the first place, or the loader says why it does not.

Programs of another machine, or of another class of this one, are left to the kernel.  What it can't run is told; what it can takes another
machine's loader under qemu-user, to which this machine's programs are foreign ones.
"""
import functools
import os
import pathlib
import re
import shutil
import struct
import subprocess
import threading
import time

from case import set_interp
from elf import Elf
from process import execute, text
from toolchain import BUILD, MACHINES, Unavailable

FIXTURE = "glibc-foreign"

LDSO = "ld-linux-x86-64.so.2"
FOLDER = BUILD / "foreign"
LIBRARIES = ("libc.so.6", "libpthread.so.0", "libdl.so.2", LDSO)
NOBODY = 65534
SECURE = pathlib.Path("/var/tmp/myld-foreign")  # the RUNPATH of a program
SIZES = re.compile(r"^glibc\.cpu\.x86_\w+_(size|threshold):.*\n", re.M)
ONE_AT_A_TIME = threading.Lock()
EM_386, EM_X86_64, ELFCLASS32 = 3, 62, 1


# ---- Builds ----

def replace(path, *pairs):
    """Replaces bytes of a file by as many others, wherever they are; each must be there."""
    data = path.read_bytes()
    for old, new in pairs:
        if len(old) != len(new) or old not in data:
            raise ValueError(f"{path}: {old}")
        data = data.replace(old, new)
    path.unlink()
    path.write_bytes(data)
    path.chmod(0o755)


def new_build_id(folder):
    notes = subprocess.run(["readelf", "-n", folder / "libc.so.6"], check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    build_id = bytes.fromhex(re.search(r"Build ID: (\w+)", notes)[1])
    replace(folder / "libc.so.6", (build_id, build_id[::-1]))


def make_rebuilt(folder):
    """The same as a listed one but for its build-id."""
    new_build_id(folder)


def make_unlisted(folder):
    new_build_id(folder)
    change_loader(folder)


def change_loader(folder):
    replace(folder / LDSO, (b"/x86_64-linux-gnu", b"/x86_64-other-gnu"),
            (b"glibc.malloc.perturb\0", b"glibc.malloc.perturc\0"))
    if b"\0__rseq_flags\0" in (folder / LDSO).read_bytes():
        replace(folder / LDSO, (b"\0__rseq_flags\0", b"\0__rseq_flagz\0"))


def make_unknown(folder):
    new_build_id(folder)
    libc = folder / "libc.so.6"
    version = re.search(rb"stable release version 2\.\d\d", libc.read_bytes())[0]
    replace(libc, (version, version[:-2] + b"99"))


def make_alone(folder):
    """Unknown, without its ld-linux."""
    make_unknown(folder)
    (folder / LDSO).unlink()


def displace(folder):
    """Puts the loader in the place of ld-linux, as docs/package/README.md does."""
    (folder / LDSO).rename(folder / f"system-{LDSO}")
    shutil.copy(BUILD / "x86_64/myld.so", folder / LDSO)


def make_displaced(folder):
    make_unlisted(folder)
    displace(folder)


def make_unknown_displaced(folder):
    make_unknown(folder)
    displace(folder)


def to_hwcaps(folder):
    """libc.so.6 alone has a version for newer processors."""
    (folder / "glibc-hwcaps/x86-64-v2").mkdir(parents=True)
    (folder / "libc.so.6").rename(folder / "glibc-hwcaps/x86-64-v2/libc.so.6")


def make_hwcaps(folder):
    make_unlisted(folder)
    to_hwcaps(folder)


def make_unknown_hwcaps(folder):
    make_unknown(folder)
    to_hwcaps(folder)


KINDS = {"hwcaps": make_hwcaps, "unknown-hwcaps": make_unknown_hwcaps, "rebuilt": make_rebuilt, "unlisted": make_unlisted, "unknown": make_unknown,
         "alone": make_alone, "displaced": make_displaced,
         "unknown-displaced": make_unknown_displaced}


@functools.cache
def made(libc, kind):
    folder = FOLDER / f"{libc.suite}-{kind}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in LIBRARIES:
        shutil.copy((libc.lib / name).resolve(), folder / name)
    KINDS[kind](folder)
    return folder


def build_of(libc, kind):
    """The folder of a build that is made of this one; made once."""
    with ONE_AT_A_TIME:
        return made(libc, kind)


# ---- Runs ----

def run(case, command, **env):
    return execute([str(word) for word in command], cwd=case.dir, timeout=60,
                   env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "KEPT": "kept", "MYLD_CACHE": "off",
                        **env})


def started(case, loader, folder, mode, options=(), arguments=("0",), **env):
    """The program with the libc of the folder, by a loader as a command or as PT_INTERP."""
    if mode == "command":
        return run(case, [loader, "--library-path", folder, *options,
                          case.dir / "prog", *arguments], **env)
    program = case.dir / f"prog.{pathlib.Path(loader).name}.{folder.name}"
    with ONE_AT_A_TIME:
        if not program.exists() or mode == "interp":
            set_interp(case.dir / "prog", program, loader)
    return run(case, [f"./{program.name}", *arguments], LD_LIBRARY_PATH=str(folder), **env)


def unlike(got, want):
    """None, or how a run differs."""
    if (got.status, got.stdout) == (want.status, want.stdout):
        return None
    return f"{got.how()}, expected {want.how()}\n{text(got.stdout)}{text(got.stderr)}" \
        f"expected:\n{text(want.stdout)}{text(want.stderr)}"


def says(outcome, status, *lines):
    """None, or which of the regular expressions matches no line of standard error."""
    output = text(outcome.stderr)
    missing = [line for line in lines if not re.search(line, output, re.M)]
    if outcome.status == status and not missing:
        return None
    return "\n".join([f"{outcome.how()}, expected exit {status}",
                      *("no line matches: " + line for line in missing),
                      text(outcome.stdout) + output])


# ---- Builds that the file tells of ----

def as_its_own(case, myld, libc, mode):
    """The program sees what it sees under that build's own loader, and runs under this one."""
    folder = build_of(libc, "unlisted")
    want = started(case, folder / LDSO, folder, "command")
    got = started(case, myld, folder, mode, ["--keep-exe"])  # its mappings have its name
    for line in ("place: $LIB of another build", "/usr/lib/x86_64-other-gnu"):
        if line not in text(want.stdout):
            return f"the oracle does not say {line}: {text(want.stdout + want.stderr)}"
    if mode == "interp":
        got.stdout = re.sub(rb"argv\[0\]: .*", b"argv[0]: " + bytes(case.dir / "prog"), got.stdout)
    return unlike(got, want) or says(got, 0, "^loader: myld.so$")


def debugged(case, myld, libc):
    """LD_DEBUG tells of the lookups in the file as well, and changes nothing."""
    folder = build_of(libc, "unlisted")
    got = started(case, myld, folder, "command", LD_DEBUG="all")
    return unlike(got, started(case, myld, folder, "command"))


def displaced(case, myld, libc):
    """With the loader in ld-linux's place its file has another name."""
    folder = build_of(libc, "displaced")
    want = started(case, folder / f"system-{LDSO}", folder, "command")
    problem = unlike(started(case, folder / LDSO, folder, "command"), want)
    folder = build_of(libc, "unknown-displaced")
    got = started(case, folder / LDSO, folder, "interp", (), ("5",))
    return problem or says(got, 5, "^loader: another$") or \
        says(started(case, myld, folder, "command"), 0, "^loader: another$")


def hwcaps(case, myld, libc):
    """The ld-linux of a libc.so.6 in a subfolder of glibc-hwcaps lies in the folder that has these."""
    folder = build_of(libc, "hwcaps")
    want = started(case, folder / LDSO, folder, "command")
    problem = unlike(started(case, myld, folder, "command"), want)
    return problem or says(started(case, myld, build_of(libc, "unknown-hwcaps"), "command"), 0, "^loader: another$")


def remembered(case, suite, libc):
    """A start by a plan notices that the ld-linux file says something else now."""
    if suite.options.no_cache:
        raise Unavailable("this loader remembers no starts")
    myld = suite.myld(case.machine)
    folder = FOLDER / f"{libc.suite}-remembered"
    home = FOLDER / f"{libc.suite}-cache"
    for path in (folder, home):
        shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(build_of(libc, "rebuilt"), folder)
    (home / "myld").mkdir(parents=True, mode=0o700)
    env = {"MYLD_CACHE": "bindings", "XDG_CACHE_HOME": str(home)}
    plans = []
    for change in (None, None, change_loader):
        if change:
            change(folder)
        time.sleep(0.05)  # what is younger than that is not believed
        want = started(case, folder / LDSO, folder, "command")
        problem = unlike(started(case, myld, folder, "command", **env), want)
        if problem:
            return f"{change}: {problem}"
        plans.append({(p.name, p.stat().st_mtime_ns) for p in (home / "myld").glob("*.plan")})
    if not plans[0] or plans[0] != plans[1] or plans[1] == plans[2]:
        return f"no start by a plan, or one too many: {plans}"
    return None


def listing(loader, folder, **env):
    done = subprocess.run([loader, "--library-path", folder, "--list-tunables"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={"PATH": "/bin", **env})
    return SIZES.sub("", done.stdout) or done.stderr


def tunables(myld, libc):
    """Of ld.so itself, which since 2.33 can list them."""
    folder = build_of(libc, "unlisted")
    if float(libc.number[2:]) < 33:
        got = listing(myld, folder)
        return None if "glibc.malloc.perturc: " in got else got
    want, got = listing(folder / LDSO, folder), listing(myld, folder)
    return None if got == want and "perturc" in got else f"{got}\nexpected:\n{want}"


def table_and_file(myld, libc):
    """The table of a listed build is a copy of what its ld-linux says, with the variables that set
    tunables."""
    rebuilt = build_of(libc, "rebuilt")
    rows = re.findall(r'^TUNABLE\([\w.]+, "(\w+)"',
                      (BUILD.parent / "ldso/libc/glibc/x86_64/tunables.def").read_text(), re.M)
    for env in ({}, {name: str(2 + i % 3) for i, name in enumerate(dict.fromkeys(rows))}):
        want, got = listing(myld, libc.lib, **env), listing(myld, rebuilt, **env)
        if got != want or "glibc.malloc.check: " not in got:
            return f"{env}: the file:\n{got}\nthe table:\n{want}"
    return None


def listed(myld, libc):
    """--list-glibc FILE: how a libc is known."""
    want = [(libc.lib / "libc.so.6", 0, "known by its build-id: libc6 "),
            (build_of(libc, "rebuilt") / "libc.so.6", 0, "its layout is known: "),
            (build_of(libc, "unknown") / "libc.so.6", 1, "")]
    for path, status, words in want:
        done = subprocess.run([myld, "--list-glibc", path], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        said = done.stdout + done.stderr
        if done.returncode != status or words not in said or str(path) not in said:
            return f"--list-glibc {path}: exit {done.returncode}, {said}"
    done = subprocess.run([myld, "--list-glibc"], text=True, stdout=subprocess.PIPE)
    row = f"glibc {libc.number}\t[0-9a-f]{{40}}\tlibc6 {re.escape(libc.package)} amd64"
    return None if re.search(f"^{row}$", done.stdout, re.M) else done.stdout


# ---- Builds that their own loader runs ----

def handed_over(case, myld, libc, mode):
    """As if that loader had been started: arguments, exit status, environment, preloaded libraries."""
    folder = build_of(libc, "unknown")
    preload = {"LD_PRELOAD": str(case.dir / "libfirst.so")}
    for arguments, env in ((("0",), {}), (("7", "", "a b"), preload)):
        want = started(case, folder / LDSO, folder, mode, (), arguments, **env)
        got = started(case, myld, folder, mode, (), arguments, **env)
        # As PT_INTERP both have a name of their own; before 2.33 it can't be kept.
        old = float(libc.number[2:]) < 33
        for outcome in (want, got) if mode == "interp" else ():
            outcome.stdout = re.sub(rb"argv\[0\]: \S*/prog\." if old else rb"argv\[0\]: \./prog\.",
                                    b"argv[0]: prog.", outcome.stdout)
            outcome.stdout = re.sub(rb"prog\.(myld\.so|ld-linux-x86-64\.so\.2)\.", b"prog.",
                                    outcome.stdout)
            outcome.stdout = outcome.stdout.replace(b"./prog.", b"prog.")
        problem = unlike(got, want) or says(got, want.status, "^loader: another$")
        if problem or text(got.stderr).count("\n") != 1:
            return problem or text(got.stderr)
    return None


def options_kept(case, myld, libc):
    """Those of the command line that ld-linux has as well; else a variable, or a word of LD_DEBUG."""
    folder = build_of(libc, "unknown")
    new = float(libc.number[2:]) >= 33
    got = started(case, myld, folder, "command",
                  ["--preload", "./libfirst.so", "--argv0", "other name"], ("5",), LD_DEBUG="files")
    wanted = ["preloaded: libfirst.so, preloaded",
              "argv[0]: other name" if new else f"argv[0]: {case.dir}/prog"]
    missing = [line for line in wanted if line not in text(got.stdout)]
    handed = rf"^ +\d+:\t{re.escape(str(case.dir))}/prog: handed over to {re.escape(str(folder / LDSO))}$"
    lacks = [] if new else [rf"^ +\d+:\t.*{LDSO}: has no option --argv0$"]
    return says(got, 5, handed, *lacks) or (f"{missing}\n{text(got.stdout)}" if missing else None)


def refused(case, myld, libc):
    """Nothing is run; the message says what is missing and why its own loader does not help."""
    unknown, alone = build_of(libc, "unknown"), build_of(libc, "alone")
    with ONE_AT_A_TIME:
        circular = FOLDER / f"{libc.suite}-circular"
        shutil.rmtree(circular, ignore_errors=True)
        shutil.copytree(unknown, circular)
        shutil.copy(myld, circular / LDSO)
    no_table = r"libc\.so\.6: no table of this glibc's layout \(.*\): there is none of version 2\.99; "
    forbidden = rf"^myld\.so: .*{LDSO}: this glibc's own loader does not run it: not with --no-system-loader or "
    tests = [
        (unknown, ["--no-system-loader"], {}, forbidden),
        (unknown, [], {"MYLD_NO_SYSTEM_LOADER": "1"}, forbidden),
        (circular, [], {}, rf"^myld\.so: .*circular/system-{LDSO}: No such file or directory$"),
        (alone, [], {}, r"^myld\.so: .*alone/libc\.so\.6: no ld-linux beside it can run the program$"),
    ]
    for folder, options, env, line in tests:
        got = started(case, myld, folder, "command", options, **env)
        problem = says(got, 127, no_table, line) or (text(got.stdout) or None)
        if problem:
            return f"{folder.name} {options} {env}: {problem}"
    return None


def refused_in_secure_mode(case, myld, libc):
    if os.geteuid() != 0:
        raise Unavailable("only root can make a set-uid copy")
    with ONE_AT_A_TIME:
        folder = made(libc, "unknown")
        shutil.rmtree(SECURE, ignore_errors=True)
        shutil.copytree(folder, SECURE)
        try:
            shutil.copy(myld, SECURE / "myld.so")
            shutil.copy(case.dir / "lib/x86_64-linux-gnu/libplace.so", SECURE)
            set_interp(case.dir / "secure", SECURE / "secure", SECURE / "myld.so")
            (SECURE / "secure").chmod(0o4755)
            if os.statvfs(SECURE).f_flag & os.ST_NOSUID:
                raise Unavailable(f"{SECURE} is mounted nosuid")
            got = execute([str(SECURE / "secure")], env={"PATH": "/bin"}, cwd="/", user=NOBODY,
                          group=NOBODY, extra_groups=[])
            return says(got, 127, "this glibc's own loader does not run it: not in secure mode") or \
                (text(got.stdout) or None)
        finally:
            shutil.rmtree(SECURE, ignore_errors=True)


def told(case, myld, libc):
    """--list and --verify say that the build is not known, and whose loader would run the program."""
    unknown, rebuilt = build_of(libc, "unknown"), build_of(libc, "rebuilt")
    no_table = r"^myld\.so: .*libc\.so\.6: no table of this glibc's layout"
    would = rf"^myld\.so: .*{LDSO}: this glibc's own loader would run it$"
    not_so = rf"^myld\.so: .*{LDSO}: this glibc's own loader does not run it: not with"
    for option, failure in (("--list", 127), ("--verify", 1)):
        good = run(case, [myld, option, "--library-path", rebuilt, "./prog"])
        if good.status or good.stderr:
            return f"{option} of a build that is known: {good.how()}, {text(good.stderr)}"
        bad = run(case, [myld, option, "--library-path", unknown, "./prog"])
        problem = says(bad, 0, no_table, would) or \
            says(run(case, [myld, option, "--no-system-loader", "--library-path", unknown, "./prog"]),
                 failure, no_table, not_so)
        if problem:
            return f"{option}: {problem}"
    return None


# ---- Other machines ----

def i386(case):
    """A program of this class that says it is an i386 one."""
    elf = Elf((case.dir / "prog").read_bytes())
    elf.set_header("e_machine", EM_386)
    elf.set_header("ei_class", ELFCLASS32)
    return elf.data


def x32(case):
    """The headers of an x32 program, whose interpreter is nowhere."""
    interp, at = b"/nowhere/ld-linux-x32.so.2\0", 0x400000
    size = 52 + 2 * 32 + len(interp)
    header = struct.pack("<4s3B9xHHIIIIIHHHHHH", b"\x7fELF", ELFCLASS32, 1, 1, 2, EM_X86_64, 1, at + 52, 52, 0, 0,
                         52, 32, 2, 0, 0, 0)
    segments = struct.pack("<16I", 3, 116, at + 116, at + 116, len(interp), len(interp), 4, 1,
                           1, 0, at, at, size, size, 5, 4096)
    return header + segments + interp


OTHERS = {"i386": i386, "x32": x32}


def of_other(case, name):
    """A program of another kind, and none that could run."""
    path = case.dir / name
    with ONE_AT_A_TIME:
        if not path.exists():
            path.write_bytes(OTHERS[name](case))
            path.chmod(0o755)
    return path


def foreign_refused(case, myld, name):
    """The kernel can't run it, or may not."""
    program = of_other(case, name)
    first = f"^.*{name}: wrong ELF class: ELFCLASS32$"
    kept = f"{name}: of another machine or class, and not handed over to the kernel: "
    shell = ["/bin/sh", "-c", f'MYLD_HANDED_OVER=$$ exec "{myld}" "{program}"']
    tests = [([myld, program], 127, rf"^myld\.so: .*{name}: cannot be executed: "),
             ([myld, "--no-system-loader", program], 127, f"{kept}not with --no-system-"),
             (shell, 127, f"{kept}it runs such "),
             ([myld, "--list", program], 127, first)]
    for command, status, line in tests:
        problem = says(run(case, command), status, first, line)
        if problem:
            return f"{command}: {problem}"
    verified = run(case, [myld, "--verify", program])
    return None if verified.status == 1 else f"--verify: {verified.how()}"


def foreign_run(case, suite):
    """Under qemu-user, where execve() of a program of this machine runs it."""
    other = MACHINES["aarch64"]
    if not shutil.which(other.qemu):
        raise Unavailable(f"{other.qemu} is not installed")
    want = run(case, ["./prog", "6", "a b"], LD_PRELOAD="./libfirst.so")
    got = run(case, [other.qemu, suite.myld(other), "--preload", "./libfirst.so", "./prog", "6", "a b"])
    if want.status != 6 or "preloaded: libfirst.so" not in text(want.stdout):
        return f"the program itself: {want.how()}\n{text(want.stdout + want.stderr)}"
    return unlike(got, want)


def checks(suite, machines):
    if suite.options.oracle:
        return []
    found = []
    for case, libcs in suite.built([m for m in machines if m == "x86_64"], FIXTURE):
        myld = suite.myld(case.machine)
        for libc in libcs:
            of_libc = {
                **{f"as-its-own {mode}": functools.partial(as_its_own, case, myld, libc, mode)
                   for mode in ("command", "interp")},
                **{f"handed-over {mode}": functools.partial(handed_over, case, myld, libc, mode)
                   for mode in ("command", "interp")},
                "debugged": functools.partial(debugged, case, myld, libc),
                "displaced": functools.partial(displaced, case, myld, libc),
                "remembered": functools.partial(remembered, case, suite, libc),
                "tunables": functools.partial(tunables, myld, libc),
                "table-and-file": functools.partial(table_and_file, myld, libc),
                "list-glibc": functools.partial(listed, myld, libc),
                "options": functools.partial(options_kept, case, myld, libc),
                "refused": functools.partial(refused, case, myld, libc),
                "secure": functools.partial(refused_in_secure_mode, case, myld, libc),
                "told": functools.partial(told, case, myld, libc),
            }
            if float(libc.number[2:]) >= 33:  # which looks there
                of_libc["hwcaps"] = functools.partial(hwcaps, case, myld, libc)
            found += [(f"foreign/{name} [x86_64 glibc {libc.version}]", function)
                      for name, function in of_libc.items()]
        found += [*((f"foreign/machine {name} [x86_64]", functools.partial(foreign_refused, case, myld, name))
                    for name in OTHERS),
                  ("foreign/machine-run [x86_64]", functools.partial(foreign_run, case, suite))]
    return found
