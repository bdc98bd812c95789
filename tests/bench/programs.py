"""The programs whose starts are compared, and the ways to start each.

A program runs as a copy whose PT_INTERP is the loader of the way; those for the libc's own loader are
copies too. Ways that stop preload stop.so, so that they end just before the first constructor.
"""
import dataclasses
import os
import pathlib
import shutil
import subprocess

import floors
import synth

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
OUT = TOP / "build/bench"
OFFICE = "/usr/lib/libreoffice/program"
CACHES = ("off", "bindings", "snapshot")
STOPPED = 42  # stop.c

# Libraries, symbols each. The first ones are run by default, the last takes minutes.
SIZES = [(10, 100), (10, 1000), (50, 200), (200, 100), (200, 500), (500, 200), (1000, 1000)]


class Unusable(Exception):
    """A program or a way that cannot be measured here."""


@dataclasses.dataclass
class Program:
    name: str
    exe: pathlib.Path
    argv: list
    libc: str = "glibc"
    env: dict = dataclasses.field(default_factory=dict)
    libraries: int = 0  # of a generated one
    symbols: int = 0

    @property
    def folder(self):
        return OUT / "programs" / self.name.replace(" ", "-")


@dataclasses.dataclass
class Way:
    """One way to run a program, as the driver wants it."""
    name: str
    exe: pathlib.Path
    argv: list
    env: dict
    status: int = 0
    cache: str = ""  # what is to be found in the cache, if it is used

    @property
    def store(self):
        return pathlib.Path(self.env["XDG_CACHE_HOME"]) / "myld"

    def text(self):
        lines = [f"way {self.name}", f"exe {self.exe}", f"exit {self.status}"]
        lines += [f"arg {word}" for word in self.argv]
        lines += [f"env {name}={value}" for name, value in self.env.items()]
        return "\n".join(lines) + "\n"


def real():
    return [
        Program("true", "/bin/true", ["true"]),
        Program("bash", "/bin/bash", ["bash", "-c", ":"]),
        Program("git", "/usr/bin/git", ["git", "--version"]),
        Program("python3", "/usr/bin/python3", ["/usr/bin/python3", "-c", "pass"]),
        Program("perl", "/usr/bin/perl", ["perl", "-e", "1"]),
        Program("gdb", "/usr/bin/gdb", ["gdb", "-nx", "-batch"]),
        Program("clang", "/usr/lib/llvm-14/bin/clang", ["clang", "--version"]),
        Program("node", "/usr/bin/node", ["node", "-e", "0"]),
        Program("soffice", f"{OFFICE}/soffice.bin", [f"{OFFICE}/soffice.bin", "--version"],
                env={"LD_LIBRARY_PATH": OFFICE}),
        Program("musl hello", OUT / "hello", ["hello"], libc="musl"),
        Program("musl busybox", TOP / "build/apps/busybox/busybox", ["busybox", "true"], libc="musl"),
    ]


def generated(sizes):
    return [Program(f"{'musl ' if libc == 'musl' else ''}{libraries} x {symbols}",
                    OUT / f"synth/{libraries}x{symbols}/program.{libc}", ["program"], libc=libc,
                    libraries=libraries, symbols=symbols)
            for libraries, symbols in sizes for libc in ("glibc", "musl")]


def compile_c(cc, output, source, *options):
    """What is there already and younger than its source stays."""
    if output.exists() and output.stat().st_mtime > source.stat().st_mtime:
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    new = output.with_name(f".{output.name}")
    subprocess.run([cc, "-O2", "-Wall", "-Wextra", "-o", new, source, *options], check=True)
    new.rename(output)


def build_tools():
    """The driver and the libraries that stop."""
    OUT.mkdir(parents=True, exist_ok=True)
    ldso = TOP / "ldso"
    include = [f"-I{ldso}", f"-I{ldso / 'arch'}", f"-I{ldso / 'arch' / os.uname().machine}"]
    plain = ["-shared", "-fPIC", "-nostdlib", "-ffreestanding", "-fno-stack-protector",
             "-Wl,-z,initfirst", *include]
    compile_c("gcc", OUT / "startup", HERE / "startup.c")
    compile_c("gcc", OUT / "stop.so", HERE / "stop.c", *plain)
    compile_c("gcc", OUT / "pause.so", HERE / "stop.c", *plain, "-DPAUSE")


def build(program):
    """Makes the program itself, if it is one of ours."""
    cc = "musl-gcc" if program.libc == "musl" else "gcc"
    if program.libraries:
        folder = program.exe.parent
        libraries = synth.build(folder, program.libraries, program.symbols)
        compile_c(cc, program.exe, HERE / "nothing.c", *synth.program_options(folder, libraries))
    elif program.exe == OUT / "hello":
        compile_c(cc, program.exe, HERE / "hello.c")
    if not pathlib.Path(program.exe).exists():
        raise Unusable(f"{program.exe} is not there")


def own_loader(exe):
    return subprocess.run(["patchelf", "--print-interpreter", exe], check=True, text=True,
                          capture_output=True).stdout.strip()


def with_interpreter(program, name, loader):
    path = program.folder / f"{pathlib.Path(program.exe).name}.{name}"
    shutil.copy(program.exe, path)
    subprocess.run(["patchelf", "--set-interpreter", loader, path], check=True)
    return path


def environment(program, name):
    """Of every way the same, but for the names of the directories."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C", "HOME": str(OUT / "home"),
            "XDG_CACHE_HOME": str(program.folder / "cache" / name.replace(" ", "-")), **program.env}


def loader_ways(program, preload):
    """preload: what to stop with, or None for a run to the end"""
    own = program.folder / f"{pathlib.Path(program.exe).name}.own"
    myld = program.folder / f"{pathlib.Path(program.exe).name}.myld"
    kind = "stop" if preload else "end"
    settings = [("own", own, {})]
    if program.libc == "glibc":
        settings.append(("now", own, {"LD_BIND_NOW": "1"}))
    settings += [(f"myld-{cache}", myld, {"MYLD_CACHE": cache}) for cache in CACHES]
    for name, exe, extra in settings:
        env = environment(program, f"{name}.{kind}")
        env.update(extra)
        if preload:
            env["LD_PRELOAD"] = str(preload)
        yield Way(f"{name}.{kind}", exe, program.argv, env, STOPPED if preload else 0,
                  env.get("MYLD_CACHE", "off").replace("off", ""))


def objects(program, way):
    """The paths of the objects of a start, the program first."""
    own = own_loader(way.exe)
    env = {**way.env, "LD_TRACE_LOADED_OBJECTS": "1"}
    command = [way.exe] if program.libc == "glibc" else [own, "--list", way.exe]
    listed = subprocess.run(command, env=env, text=True, capture_output=True, check=True).stdout
    found = [str(way.exe)]
    for line in listed.splitlines():
        words = line.split()
        path = words[2] if len(words) > 2 and words[1] == "=>" else words[0]
        if path.startswith("/") and path not in found and (path != own or program.libc == "musl"):
            found.append(path)
    return found


def floor_ways(program):
    for floor in range(5):
        yield Way(f"F{floor}", program.folder / "floor", ["floor", str(floor)],
                  environment(program, "floor"))


def prepare(program, loader, ends):
    """Builds and copies all that is needed -> (ways, descriptions of the objects)"""
    build(program)
    shutil.rmtree(program.folder, ignore_errors=True)
    program.folder.mkdir(parents=True)
    (OUT / "home").mkdir(exist_ok=True)
    with_interpreter(program, "own", own_loader(program.exe))
    with_interpreter(program, "myld", loader)
    ways = list(loader_ways(program, OUT / "stop.so"))
    described = floors.build(program.folder, objects(program, ways[0]))
    ways += floor_ways(program)
    if ends:
        ways += loader_ways(program, None)
    return ways, described


def run(way):
    """-> "", or why this way is of no use"""
    done = subprocess.run(way.argv, executable=way.exe, env=way.env, stdin=subprocess.DEVNULL,
                          capture_output=True)
    if done.returncode != way.status:
        return f"exit {done.returncode}, expected {way.status}: {done.stderr.decode()[-200:].strip()}"
    return ""


def kept(way):
    """What its cache holds, to be compared: a start that misses leaves another plan."""
    return sorted((entry.name, entry.stat().st_ino, entry.stat().st_mtime_ns)
                  for entry in way.store.iterdir())


def missing(way):
    """What should be in its cache and is not, as text."""
    wanted = {"": [], "bindings": [".plan"], "snapshot": [".plan", ".pages"]}[way.cache]
    endings = {pathlib.Path(name).suffix for name, _, _ in kept(way)}
    return ", ".join(f"no *{ending} in its cache" for ending in wanted if ending not in endings)


def prime(way):
    """Starts it so that nothing is new to later starts -> "", or why it cannot be measured"""
    way.store.mkdir(parents=True, mode=0o700, exist_ok=True)
    return run(way) or (way.cache and run(way)) or missing(way)
