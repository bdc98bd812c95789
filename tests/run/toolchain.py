"""Machines, libcs and how to compile for them.

A machine has a compiler (the host's or Debian's cross gcc) and, unless it is the host, a qemu-user
emulator.  A libc is a directory tree that looks like the root of a system: Debian's musl packages of
some suite, unpacked under build/pkg/ by fetch.sh, or the root itself where musl is installed.
Fixtures are built once against the base libc and then run with every other one.
"""
import functools
import os
import pathlib
import platform
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
RUN = TOP / "tests" / "run"
TESTBINS = TOP / "testbins"


# How gcc is asked for each kind of file.  Not by -static-pie: gcc 12 for riscv64 names a dynamic
# linker then.
LINK_MODES = {
    "pie": ["-pie"], "exec": ["-no-pie"], "shared": ["-shared"], "static": ["-static", "-no-pie"],
    "static-pie": ["-static", "-Wl,-pie,--no-dynamic-linker,-z,text"],
}


class Unavailable(Exception):
    """Something that a test needs cannot be had here; the text says what and why."""


class Machine:
    """elf: EI_CLASS, EI_DATA, e_machine.  suites: the first is what fixtures are built against."""

    def __init__(self, name, suites, glibc_loader, elf):
        self.name = name
        self.suites = suites
        self.native = platform.machine() == name
        self.prefix = "" if self.native else f"{name}-linux-gnu-"
        self.cc = self.prefix + "gcc"
        self.qemu = None if self.native else f"qemu-{name}"
        self.glibc_root = "/" if self.native else f"/usr/{name}-linux-gnu"
        self.glibc_loader = os.path.join(self.glibc_root, glibc_loader.lstrip("/"))
        self.elf = elf

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
            "/lib64/ld-linux-x86-64.so.2", (2, 1, 62)),
    Machine("aarch64", ["bookworm", "trixie", "sid"], "/lib/ld-linux-aarch64.so.1", (2, 1, 183)),
    Machine("riscv64", ["sid", "trixie"], "/lib/ld-linux-riscv64-lp64d.so.1", (2, 1, 243)),
)}


class Musl:
    """Debian's musl of one suite for one machine.  The base musl of the host is the installed one
    when the system is of that suite, so that the usual paths are tested too."""

    name = "musl"

    def __init__(self, machine, suite):
        self.machine = machine
        self.suite = suite
        self.base = suite == machine.suites[0]
        self.loader = f"lib/ld-musl-{machine.name}.so.1"
        installed = pathlib.Path("/") / self.loader
        if machine.native and self.base and installed.exists():
            self.root = pathlib.Path("/")
        else:
            self.root = self._fetch("musl", "musl-dev")
        self.libc = (self.root / self.loader).resolve()
        self.lib = self.root / f"usr/lib/{machine.name}-linux-musl"
        self.include = self.root / f"usr/include/{machine.name}-linux-musl"
        self.version = self._version()
        if machine.name == "riscv64":
            self.lib = self._without_attributes()

    def _fetch(self, *packages):
        done = subprocess.run([RUN / "fetch.sh", self.suite, self.machine.name, *packages],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            reason = done.stderr.strip().splitlines() or ["fetch.sh failed"]
            raise Unavailable(f"musl of Debian {self.suite} for {self.machine.name} cannot be "
                              f"fetched: {reason[0]} {reason[-1]}")
        return pathlib.Path(done.stdout.strip())

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
    version = "free"
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


@functools.cache
def libc_of(kind, machine_name, suite=None):
    """The libc object; the exception of a failed one is kept too, by libcs_of."""
    machine = MACHINES[machine_name]
    return Free(machine) if kind == "free" else Musl(machine, suite or machine.suites[0])
