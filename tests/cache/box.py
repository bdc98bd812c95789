"""A program with libraries of every kind in a folder of its own, started cold or with what earlier
starts have left, and what each start came to (start/probe.c).

    box = Box(parent)           the files are made once and copied; change them as you like
    box.run("off")              a Start: what it did, its objects and the words of their data
    box.reference()             cold starts of the files as they are; compare with .complaint(start)

The environment's MYLD names another loader than the one that was built.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass

from case import set_interp
from namespace import needs_root
from process import execute, text
from toolchain import BUILD

SOURCES = pathlib.Path(__file__).resolve().parent / "start"
MADE = BUILD / "cache" / "made"
MYLD = pathlib.Path(os.environ.get("MYLD", BUILD / "x86_64" / "myld.so")).resolve()
TRUSTED = pathlib.Path("/var/tmp/myld-cache-trusted")  # in the RUNPATH of a program
SETTLED = 0.05  # seconds after which the loader believes a file's times

# Name: flags.
OLDER = ("old/libver.so", ["-DVER", "-DOLDER", "-Wl,-soname,libver.so",
                           f"-Wl,--version-script={SOURCES}/old.map"])
LIBRARIES = {
    "libver.so": ["-DVER", f"-Wl,--version-script={SOURCES}/new.map"],
    "libdata.so": ["-DDATA"],
    "libold.so": ["-DUSES_OLD", "old/libver.so"],
    "libweak.so": ["-DWEAK"],
    "libstrong.so": ["-DSTRONG", "libdata.so", "-Wl,-z,pack-relative-relocs"],
    "libtls.so": ["-DTLS"],
    "libdesc.so": ["-DUSES_TLS", "-mtls-dialect=gnu2", "libtls.so"],
    "libifunc.so": ["-DIFUNC"],
    "libone.so": ["-DUNIQUE=\"10\"", "-DFUNCTION=of_one"],
    "libother.so": ["-DUNIQUE=\"20\"", "-DFUNCTION=of_other"],
    "sub/libsub.so": ["-DSUB", "-Wl,-soname,libsub.so"],
    "libthrough.so": ["-DUSES_SUB", "sub/libsub.so",
                      "-Wl,--disable-new-dtags,-rpath,$ORIGIN/sub"],
}
# Beside them, for the changes.
OTHERS = {
    "other/libdata.so": ["-DDATA", "-DTAG=\"other\"", "-Wl,-soname,libdata.so"],
    "other/libweak.so": ["-DWEAK", "-DTAG=\"other\"", "-Wl,-soname,libweak.so"],
    "other/libsub.so": ["-DSUB", "-DTAG=\"other\"", "-Wl,-soname,libsub.so"],
    "other/libinterposer.so": ["-DINTERPOSER"],
    "other/libthrough.so": ["-DUSES_SUB", "sub/libsub.so", "-Wl,-soname,libthrough.so",
                            f"-Wl,--disable-new-dtags,-rpath,{TRUSTED}/lib/sub"],
}
NEEDED = ["libprobe.so", *(n for n in LIBRARIES if "/" not in n)]
COMPILERS = {"glibc": "gcc", "musl": "musl-gcc"}
RUNPATH = "$ORIGIN/../early:$ORIGIN/../none:$ORIGIN/../lib"


def compile_one(libc, target, source, *flags):
    target = MADE / libc / target
    target.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([COMPILERS[libc], "-O1", "-fPIC", "-o", target, SOURCES / source, *flags],
                          cwd=MADE / libc / "lib", text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise RuntimeError(f"{target}: {done.stdout}")


def make():
    """All files, unless they are there: lib, bin and other, for each libc."""
    newest = max(p.stat().st_mtime for p in [*SOURCES.iterdir(), pathlib.Path(__file__)])
    if (MADE / "done").exists() and (MADE / "done").stat().st_mtime > newest:
        return
    shutil.rmtree(MADE, ignore_errors=True)
    for libc in COMPILERS:
        make_for(libc)
    (MADE / "done").touch()


def make_for(libc):
    (MADE / libc / "lib").mkdir(parents=True)
    compile_one(libc, "lib/libprobe.so", "probe.c", "-shared", "-Wl,-z,initfirst",
                "-Wl,-soname,libprobe.so")
    for name, flags in (OLDER, *LIBRARIES.items()):
        soname = [] if "soname" in " ".join(flags) else [f"-Wl,-soname,{pathlib.Path(name).name}"]
        compile_one(libc, f"lib/{name}", "libs.c", "-shared", "-Wl,--no-as-needed", *soname, *flags)
    for name, flags in OTHERS.items():
        compile_one(libc, name, "libs.c", "-shared", *flags)
    for name, path, flags in (("prog", RUNPATH, ["-fPIE", "-pie"]),
                              ("fixed", RUNPATH, ["-fno-pie", "-no-pie"]),
                              ("trusted", f"{TRUSTED}/lib", ["-fPIE", "-pie"])):
        compile_one(libc, f"bin/{name}", "prog.c", *flags, "-Wl,--no-as-needed", *NEEDED, "-lm",
                    f"-Wl,-rpath,{path},--enable-new-dtags", "-Wl,--allow-shlib-undefined",
                    f"-Wl,-dynamic-linker,{'/' * 200}x", "-Wl,-rpath-link,sub:old")
    shutil.rmtree(MADE / libc / "lib/old")


@dataclass
class Start:
    """What a start came to."""
    status: str
    stdout: str
    stderr: str
    lines: frozenset  # of the probe
    how: str  # "cold", "bindings" or "snapshot"

    def words(self):
        return {tuple(line.split(" ")[1:3]): line.split(" ")[3] for line in self.lines
                if line.startswith("W ")}


class Reference:
    """Cold starts: two, whose differences say what no start has in common with another, and one that
    binds everything, as a start by a plan may do."""

    def __init__(self, first, second, eager):
        self.first = first
        self.lines = first.lines | second.lines | eager.lines
        a, b = first.words(), second.words()
        self.noise = {k for k in a.keys() | b.keys() if a.get(k) != b.get(k)}
        self.words = a.keys() & eager.words().keys()  # those that every start has

    def complaint(self, got):
        """None, or how a start differs."""
        want = self.first
        for what in ("status", "stdout", "stderr"):
            if getattr(got, what) != getattr(want, what):
                return f"{what}: {getattr(got, what)!r}, expected {getattr(want, what)!r}"
        wrong = [line for line in got.lines - self.lines if self.counts(line)]
        lost = [line for line in want.lines - got.lines if not line.startswith("W ")]
        lost += [" ".join(key) for key in self.words - got.words().keys() - self.noise]
        return "\n".join(sorted(wrong + [f"{line} (is not there)" for line in lost])[:20]) or None

    def counts(self, line):
        return not line.startswith("W ") or tuple(line.split(" ")[1:3]) not in self.noise


class Box:
    """A copy of the files: bin/prog, lib/, other/, early/ (empty), cache/myld and the loader."""

    def __init__(self, parent, program="prog", way="interp", libc="glibc"):
        self.made = MADE / libc
        self.dir = pathlib.Path(tempfile.mkdtemp(dir=parent))
        self.way, self.program = way, self.dir / "bin" / program
        for name in ("lib", "bin", "other"):
            shutil.copytree(self.made / name, self.dir / name)
        shutil.copy(MYLD, self.dir / "myld.so")
        set_interp(self.made / "bin" / program, self.program, self.dir / "myld.so")
        self.cache = self.dir / "cache/myld"
        self.cache.mkdir(parents=True)
        self.cache.chmod(0o700)
        (self.dir / "early").mkdir()
        self.env = {"PATH": "/usr/bin:/bin"}
        self.options, self.cwd, self.name = [], self.dir, None
        self.front, self.more, self.dump = [], {}, self.dir / "dumps/dump"
        self.dump.parent.mkdir()
        self.settle()

    def remove(self):
        shutil.rmtree(self.dir)

    @staticmethod
    def settle():
        time.sleep(SETTLED)

    def command(self):
        program = str(self.name or self.program)
        if self.way == "command":
            return [*self.front, str(self.dir / "myld.so"), *self.options, program]
        return [*self.front, program]

    def run(self, mode, **env):
        dump = self.dump
        dump.unlink(missing_ok=True)
        outcome = execute(self.command(), {"XDG_CACHE_HOME": str(self.cache.parent), **self.env,
                                           "MYLD_CACHE": mode, "PROBE": str(dump), **env},
                          self.cwd, timeout=20, **self.more)
        data = dump.read_bytes().decode() if dump.exists() else ""
        how = "snapshot" if ".pages" in data else "bindings" if ".plan" in data else "cold"
        lines = frozenset(line for line in data.splitlines() if line[:2] in ("O ", "W ", "D "))
        return Start(outcome.how(), text(outcome.stdout), text(outcome.stderr), lines, how)

    def reference(self):
        return Reference(self.run("off"), self.run("off"), self.run("off", LD_BIND_NOW="1"))

    def prime(self, mode):
        """Starts until a plan is followed; what is wrong if none ever is."""
        for _ in range(3):
            start = self.run(mode)
            if start.how == mode:
                return None
        return f"no start goes by {mode}: {start.how}, {start.status} {start.stderr} " \
            f"{sorted(p.name for p in self.cache.iterdir())}"


def in_a_namespace(*words):
    needs_root()
    return ["/usr/bin/unshare", *words]
