"""Machines, libcs and how to compile for them.

A machine has a compiler (the host's or Debian's cross gcc) and, unless it is the host, a qemu-user
emulator.  A libc is a directory tree that looks like the root of a system: Debian's packages of some
suite, unpacked under build/pkg/ by fetch.sh, or the root itself.  Fixtures are built once, against
the first libc of a kind, and then run with every other one.
"""
import contextlib
import functools
import os
import pathlib
import platform
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
FETCH = TOP / "tests" / "run" / "fetch.sh"
TESTBINS = TOP / "testbins"
SYSTEM = "system"  # in the place of a suite: what is installed
COMPLETED_BY = {"experimental": "sid"}  # a suite of few packages: that which has the others


# How gcc is asked for each kind of file.  Not by -static-pie: gcc 12 for riscv64 names a dynamic
# linker then.
LINK_MODES = {
    "pie": ["-pie"], "exec": ["-no-pie"], "shared": ["-shared"], "static": ["-static", "-no-pie"],
    "static-pie": ["-static", "-Wl,-pie,--no-dynamic-linker,-z,text"],
}


class Unavailable(Exception):
    """Something that a test needs cannot be had here; the text says what and why."""


class Machine:
    """elf: EI_CLASS, EI_DATA, e_machine.  suites: of each kind of libc, those that fixtures are
    built against and run with; quick: how many of them run without --matrix.  own_libc: glibc's fixtures
    are built against the cross compiler's libc, for it can't link what the suites have."""

    quick = {"musl": 1, "glibc": 2, "free": 1}

    def __init__(self, name, musl, glibc, glibc_loader, elf, own_libc=False):
        self.name = name
        self.suites = {"musl": musl, "glibc": glibc, "free": [None]}
        self.native = platform.machine() == name
        self.prefix = "" if self.native else f"{name}-linux-gnu-"
        self.cc = self.prefix + "gcc"
        self.qemu = None if self.native else f"qemu-{name}"
        self.glibc_root = "/" if self.native else f"/usr/{name}-linux-gnu"
        self.glibc_loader = os.path.join(self.glibc_root, glibc_loader.lstrip("/"))
        self.elf = elf
        self.own_libc = own_libc

    @functools.cached_property
    def gcc_include(self):
        return subprocess.run([self.cc, "-print-file-name=include"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()

    def command(self, root, executable, argv, env):
        """What to pass to subprocess so that executable runs with argv on this machine and sees
        the files below root first.  The emulator must not read LD_* itself: env goes in by -E."""
        if self.native:
            return {"args": argv, "executable": executable, "env": env}
        args = [self.qemu, "-L", str(root), "-0", argv[0]]
        for key, value in env.items():
            args += ["-E", f"{key}={value}"]
        return {"args": args + [executable] + argv[1:], "env": {"PATH": os.environ["PATH"]}}


MACHINES = {m.name: m for m in (
    Machine("x86_64", ["bookworm", "bullseye", "trixie", "sid"],
            ["bullseye", SYSTEM, "bookworm", "trixie", "sid", "experimental"],
            "/lib64/ld-linux-x86-64.so.2", (2, 1, 62)),
    Machine("aarch64", ["bookworm", "trixie", "sid"], ["bullseye", "bookworm", "trixie", "sid"],
            "/lib/ld-linux-aarch64.so.1", (2, 1, 183)),
    Machine("riscv64", ["sid", "trixie"], ["trixie", "sid"], "/lib/ld-linux-riscv64-lp64d.so.1",
            (2, 1, 243), own_libc=True),
)}


def fetch(suite, machine, *packages):
    """Packages of a Debian suite for a machine, unpacked: the directory that looks like a root."""
    done = subprocess.run([FETCH, suite, machine.name, *packages], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        reason = done.stderr.strip().splitlines() or ["fetch.sh failed"]
        raise Unavailable(f"{packages[0]} of Debian {suite} for {machine.name} cannot be fetched: "
                          f"{reason[0]} {reason[-1]}")
    return pathlib.Path(done.stdout.strip())


class Musl:
    """Debian's musl of one suite for one machine.  The base musl of the host is the installed one
    when the system is of that suite, so that the usual paths are tested too."""

    name = "musl"

    def __init__(self, machine, suite):
        self.machine = machine
        self.suite = suite
        self.base = suite == machine.suites["musl"][0]
        self.loader = f"lib/ld-musl-{machine.name}.so.1"
        installed = pathlib.Path("/") / self.loader
        if machine.native and self.base and installed.exists():
            self.root = pathlib.Path("/")
        else:
            self.root = fetch(suite, machine, "musl", "musl-dev")
        self.libc = (self.root / self.loader).resolve()
        self.lib = self.root / f"usr/lib/{machine.name}-linux-musl"
        self.include = self.root / f"usr/include/{machine.name}-linux-musl"
        self.version = self.number = self._version()
        if machine.name == "riscv64":
            self.lib = self._without_attributes()

    def _without_attributes(self):
        """A copy of the start files and libc.a that binutils 2.40 can link: it crashes on the
        names of newer extensions in .riscv.attributes, and does not know R_RISCV_SUB_ULEB128,
        which only debugging sections use."""
        out = BUILD / "crt" / f"musl-{self.suite}-riscv64"
        out.mkdir(parents=True, exist_ok=True)
        for source in (*self.lib.glob("*.o"), self.lib / "libc.a"):
            if not (out / source.name).exists():
                subprocess.run(["llvm-objcopy", "--strip-debug", "-R", ".riscv.attributes",
                                str(source), str(out / source.name)], check=True)
        (out / "libc.so").unlink(missing_ok=True)
        (out / "libc.so").symlink_to(self.libc)
        return out

    def _version(self):
        """musl keeps its version as a string of its own in libc.so."""
        found = re.search(rb"\0(1\.[12]\.\d+)\0", self.libc.read_bytes())
        return found.group(1).decode() if found else self.suite

    def compile_flags(self):
        return ["-nostdinc", "-isystem", str(self.include), "-isystem", self.machine.gcc_include]

    def oracle_env(self, env):
        return env

    def interp_env(self, env):
        """The environment in which a program finds this libc, with myld.so as its PT_INTERP."""
        if self.root == pathlib.Path("/") or not self.machine.native or "LD_LIBRARY_PATH" in env:
            return env
        return {**env, "LD_LIBRARY_PATH": str(self.libc.parent)}

    def command_options(self, env):
        """The options with which it finds this libc when myld.so is the command."""
        path = self.interp_env(env).get("LD_LIBRARY_PATH")
        return ["--library-path", path] if path != env.get("LD_LIBRARY_PATH") else []

    def _gcc_object(self, name):
        return subprocess.run([self.machine.cc, f"-print-file-name={name}"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()

    def link(self, kind, objects, unwind):
        """The linker's arguments around objects (object files, libraries and their flags)."""
        crt = {"pie": "Scrt1.o", "exec": "crt1.o", "static": "crt1.o", "static-pie": "rcrt1.o"}
        suffix = "T.o" if kind == "static" else "S.o"
        end = "end.o" if kind == "static" else "endS.o"
        start = [str(self.lib / crt[kind])] if kind in crt else []
        return (LINK_MODES[kind] + ["-nostdlib"] + start +
                [str(self.lib / "crti.o"), self._gcc_object("crtbegin" + suffix)] + objects +
                ["-L", str(self.lib), "-lc", "-lgcc"] + (["-lgcc_eh", "-lc"] if unwind else []) +
                [self._gcc_object("crt" + end), str(self.lib / "crtn.o")])


class Free:
    """No libc at all: crt/ alone.  The system's glibc loader is the oracle, which runs freestanding
    programs as they are."""

    name = "free"
    version = number = suite = "free"
    base = True

    def __init__(self, machine):
        self.machine = machine
        self.root = pathlib.Path(machine.glibc_root)
        self.libc = pathlib.Path(machine.glibc_loader)
        self.loader = "none"

    def oracle_env(self, env):
        """glibc's loader does not work without its libc (_dl_fini asserts that ld.so is in the list
        of objects, ld.so then wants a malloc): libc.so.6 is preloaded beside the program."""
        return {**env, "LD_PRELOAD": ":".join(filter(None, ["libc.so.6", env.get("LD_PRELOAD")]))}

    def interp_env(self, env):
        return env

    def command_options(self, env):
        return []

    def compile_flags(self):
        return ["-nostdinc", "-isystem", self.machine.gcc_include, "-ffreestanding",
                "-fno-stack-protector", "-fno-asynchronous-unwind-tables"] + (
                    ["-mno-outline-atomics"] if self.machine.name == "aarch64" else [])

    def _crt(self):
        out = BUILD / "crt" / self.machine.name
        objects = []
        out.mkdir(parents=True, exist_ok=True)
        for source in (TOP / "crt" / self.machine.name / "crt1.S", TOP / "crt" / "start.c"):
            target = out / (source.stem + ".o")
            if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
                subprocess.run([self.machine.cc, "-O2", "-fPIE", *self.compile_flags(), "-c",
                                str(source), "-o", str(target)], check=True)
            objects.append(str(target))
        return objects

    def link(self, kind, objects, unwind):
        start = self._crt() if kind != "shared" else []
        return (LINK_MODES[kind] + ["-nostdlib", "-Wl,--allow-shlib-undefined"] + start + objects +
                ["-lgcc"])  # __tls_get_addr is the loader's


class Glibc:
    """Debian's glibc of one suite, or the installed one: libc.so.6 with its siblings, and that suite's
    libstdc++ and libgcc_s.  Everything is built against the oldest, by the sysroot of its packages,
    and finds the others by LD_LIBRARY_PATH or --library-path alone."""

    name = "glibc"
    cxx = ("libgcc-s1", "libstdc++6")
    development = ("libc6-dev", "linux-libc-dev", "libgcc-10-dev")

    def __init__(self, machine, suite):
        self.machine = machine
        self.suite = suite
        self.system = suite == SYSTEM
        self.base = self.system or (not machine.native and suite == machine.suites["glibc"][0])
        self.loader = machine.glibc_loader.lstrip("/")
        first = suite == machine.suites["glibc"][0] and not machine.own_libc
        self.root = pathlib.Path("/") if self.system else fetch(
            suite, machine, "libc6", *(() if suite in COMPLETED_BY else self.cxx),
            *(self.development if first else ()))
        self.lib = self.root / f"usr/lib/{machine.name}-linux-gnu"
        if first:
            self._absolute_links()
        if suite in COMPLETED_BY:
            self._borrow_cxx(COMPLETED_BY[suite])
        self.libc = self.lib / pathlib.Path(self.loader).name  # the oracle
        self.number = self._version()
        self.version = f"{self.number} {suite}"

    def _absolute_links(self):
        """Makes libm.so -> /lib/... lead to the suite's library, not to the system's."""
        for folder in (self.lib, self.root / "usr/lib64"):
            for link in folder.iterdir():
                if link.is_symlink() and os.readlink(link).startswith("/"):
                    target = f"{self.root}{os.readlink(link)}"
                    link.unlink()
                    link.symlink_to(os.path.relpath(target, folder))

    def _borrow_cxx(self, suite):
        """Has another suite's libraries for C++ among its own."""
        root = fetch(suite, self.machine, *self.cxx)
        for library in ("libgcc_s.so.1", "libstdc++.so.6"):
            file = next(root.glob(f"**/{library}")).resolve()
            with contextlib.suppress(FileExistsError):  # another thread's may have come in between
                (self.lib / library).symlink_to(os.path.relpath(file, self.lib))

    def _version(self):
        """glibc says which it is in a sentence of its own in libc.so.6."""
        found = re.search(rb"stable release version (\d+\.\d+)", (self.lib / "libc.so.6").read_bytes())
        return found.group(1).decode() if found else self.suite

    @property
    def package(self):
        """The version of Debian's libc6."""
        if self.system:
            return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libc6"], check=False,
                                  text=True, stdout=subprocess.PIPE).stdout
        return (self.root / ".have/libc6").read_text().strip()

    def _path(self, env):
        return ":".join(filter(None, [env.get("LD_LIBRARY_PATH"), str(self.lib)]))

    def interp_env(self, env):
        return env if self.system else {**env, "LD_LIBRARY_PATH": self._path(env)}

    oracle_env = interp_env

    def command_options(self, env):
        return [] if self.system else ["--library-path", self._path(env)]

    def compile_flags(self):
        """A cross compiler looks at headers of a libc of its own first, but for these flags."""
        if self.machine.native:
            return [f"--sysroot={self.root}"]
        if self.machine.own_libc:
            return []
        target = f"{self.machine.name}-linux-gnu"
        folders = [*pathlib.Path(f"/usr/{target}/include/c++").glob("*"),
                   *pathlib.Path(f"/usr/{target}/include/c++").glob(f"*/{target}"),
                   self.root / "usr/include" / target, self.root / "usr/include",
                   self.machine.gcc_include]
        return ["-nostdinc", *(w for folder in folders for w in ("-isystem", str(folder)))]

    def link(self, kind, objects, unwind):
        """unwind: libgcc_s for certain, as gcc itself would only for C++.  Start files and libgcc are
        the suite's too: newer ones count on a newer libc."""
        if kind == "static-pie" and self.machine.own_libc:
            kind = "static"  # that libc has no start file for it (riscv64, 2.36)
        mode = ["-static-pie"] if kind == "static-pie" else LINK_MODES[kind]
        folders = [str(self.lib), *map(str, self.root.glob("usr/lib/gcc/*/*"))]
        where = [] if self.machine.own_libc else [
            f"--sysroot={self.root}", "-L", str(self.lib), *(w for f in folders for w in ("-B", f))]
        return (mode + where + objects +
                ["-Wl,--as-needed", "-lpthread", "-ldl", "-lm", "-lrt", "-Wl,--no-as-needed"] +
                (["-lgcc_s"] if unwind else []))


BUILT_GLIBCS = ("2.31", "2.36-cet", "2.43")  # what tests/builds/build.sh can build


class BuiltGlibc(Glibc):
    """A glibc in a folder of build/glibc/ (tests/builds), with libraries for C++ of the suite that fixtures
    are built against."""

    system = base = False
    package = "built here"

    def __init__(self, machine, name):
        self.machine = machine
        self.suite = f"build-{name}"
        self.root = BUILD / "glibc" / name
        self.lib = self.root / "lib"
        self.loader = machine.glibc_loader.lstrip("/")
        self.libc = self.lib / pathlib.Path(self.loader).name
        self.number = self._version()
        self.version = f"{self.number} {self.suite}"
        self._borrow_cxx(machine.suites["glibc"][0])


KINDS = {"musl": Musl, "glibc": Glibc}


@functools.cache
def libc_of(kind, machine_name, suite=None):
    """The libc object; for no suite the one that fixtures are built against."""
    machine = MACHINES[machine_name]
    if kind == "free":
        return Free(machine)
    return KINDS[kind](machine, suite or machine.suites[kind][0])
