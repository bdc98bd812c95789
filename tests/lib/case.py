"""A case: one folder of testbins/TOPIC/ with sources and a case.toml that says how to build and run them.

    about = "what is tested, in a line"
    libc = "musl" | "glibc" | "free"              # default musl; a list: the case once for each
    machines = ["x86_64"]                         # default all
    matrix = false                                # base libc only
    has = ["prog DT_RELR"]                        # elffacts must print these lines of prog
                                                  # (of a variant, too)
    [[lib]]                                       # in the order they are built
    name = "libx.so"  src = ["x.c"]               # src default: name without lib and .so, + .c
    needs = ["liby.so"]  cflags = []  ldflags = []  rpath = "$ORIGIN"  soname = "libx.so"
    [[prog]]                                      # default: one, named prog, from main.c
    name, src, needs, cflags, ldflags, rpath, kind = "pie" | "exec" | "static" | "static-pie"
    [[file]]                                      # made after the links
    path = "sub/f"  copy | link | text = "..."  mode = "755"
    size = truncate to this  bytes = [[offset, value], ...]
    [variant.NAME]                                # the whole case is built once for each
    cflags = []  ldflags = []
    [[run]]                                       # default: one that is as the oracle
    name, prog, args = [], env = {}, stdin = "", options = [] (the loader's own, command only)
    modes = ["command", "interp"]  oracle = false # false: nobody else can run it
    expect = "file" (stdout)  exit = 0            # absent: as the oracle
    libc = ["2.31", "glibc"], libc_not = [...]    # only (not) with these kinds, versions or both
    stdout, stderr = ["regular expression"]       # each must match a line of the loader's output;
                                                  # with stdout nothing else of it is compared
    only_errors = true                            # every line of stderr is one of an error
    as = "name"                                   # given to the loader instead of ./prog; "": nothing

Any list of flags can have a companion for one machine or libc: cflags_x86_64, ldflags_glibc.  In
args, env, options, stdout, stderr and flags {dir} is the folder the case is built in, {lib} that of
libc.so, {myld} the loader, {machine} the machine's name.
"""
import hashlib
import itertools
import os
import pathlib
import shutil
import struct
import subprocess
import tomllib

from toolchain import BUILD, MACHINES, TESTBINS, TOP

INTERP_ROOM = 256  # bytes that every program's PT_INTERP has, so that it can be rewritten
RUN_KEYS = {"name": "", "prog": "prog", "args": [], "env": {}, "stdin": "", "options": [],
            "modes": ["command", "interp"], "oracle": True, "expect": None, "exit": None,
            "stdout": [], "stderr": [], "only_errors": False, "as": None, "machines": None,
            "timeout": 30, "cwd": ".", "libc": None, "libc_not": []}


def set_interp(source, target, path):
    """Copies an ELF file (64 bits, little endian) with another PT_INTERP of INTERP_ROOM bytes."""
    data = bytearray(source.read_bytes())
    phoff, = struct.unpack_from("<Q", data, 32)
    phentsize, phnum = struct.unpack_from("<HH", data, 54)
    for i in range(phnum):
        p_type, _, offset, _, _, filesz = struct.unpack_from("<IIQQQQ", data, phoff + i * phentsize)
        if p_type == 3:
            data[offset:offset + filesz] = str(path).encode().ljust(filesz, b"\0")
    target.unlink(missing_ok=True)
    target.write_bytes(data)
    target.chmod(0o755)


class Case:
    """A description, for one machine, one kind of libc and one variant; build() makes the files."""

    def __init__(self, folder, machine, libc_kind, variant, spec):
        self.folder = folder
        self.name = folder.name + (f"@{variant}" if variant else "")
        self.machine = machine
        self.spec = spec
        self.variant = spec.get("variant", {}).get(variant, {})
        self.libc_kind = libc_kind
        self.dir = BUILD / "fixtures" / f"{machine.name}-{libc_kind}" / self.name
        self.matrix = spec.get("matrix", True)
        self.runs = [self._run(r) for r in spec.get("run", [{}])]
        self.has = self._flags("has", spec)

    def _run(self, given):
        unknown = given.keys() - RUN_KEYS.keys()
        if unknown:
            raise ValueError(f"{self.folder.name}/case.toml: unknown keys of a run: {unknown}")
        run = {**RUN_KEYS, **given}
        run["name"] = self.name + (f"/{run['name']}" if run["name"] else "")
        return run

    def substitute(self, text, libc, myld):
        for key, value in (("{dir}", self.dir), ("{lib}", libc.libc.parent), ("{myld}", myld),
                           ("{machine}", self.machine.name)):
            text = text.replace(key, str(value))
        return text

    def _flags(self, key, part):
        """A list of flags: the part's, its machine's and libc's, and the variant's."""
        keys = (key, f"{key}_{self.machine.name}", f"{key}_{self.libc_kind}")
        return [f.replace("{dir}", str(self.dir)).replace("{src}", str(self.folder))
                for d in (part, self.variant) for k in keys for f in d.get(k, [])]

    def _commands(self, libc):
        """Every command that builds the case, in order, to be run in self.dir."""
        commands = []
        for part in self.spec.get("lib", []):
            name = part["name"]
            base = pathlib.Path(name).name
            source = base.removeprefix("lib").split(".so")[0] + ".c"
            soname = part.get("soname", base)
            objects = self._compile(part, "shared", part.get("src", [source]), name, libc, commands)
            flags = [f"-Wl,-soname,{soname}"] if soname else []
            commands.append(self._link(part, "shared", objects, flags, name, libc))
        for part in self.spec.get("prog", [{}]):
            name, kind = part.get("name", "prog"), part.get("kind", "pie")
            objects = self._compile(part, kind, part.get("src", ["main.c"]), name, libc,
                                    commands)
            interp = "/" * INTERP_ROOM
            flags = [] if kind.startswith("static") else [f"-Wl,--dynamic-linker={interp}"]
            commands.append(self._link(part, kind, objects, flags, name, libc))
        return commands

    def _compile(self, part, kind, sources, name, libc, commands):
        pic = {"exec": "-fno-pie", "static": "-fno-pie", "shared": "-fPIC"}.get(kind, "-fPIE")
        objects = []
        for source in sources:
            target = f"{pathlib.Path(name).name}.{pathlib.Path(source).name}.o"
            commands.append([self.machine.cc, "-O1", "-g", "-Wall", "-Wextra", pic,
                             "-I", str(TESTBINS / "common"), *libc.compile_flags(),
                             *self._flags("cflags", part), "-c", str(self.folder / source),
                             "-o", target])
            objects.append(target)
        return objects

    def _link(self, part, kind, objects, flags, name, libc):
        rpath = part.get("rpath", "$ORIGIN")
        if rpath and not kind.startswith("static"):
            flags = flags + [f"-Wl,-rpath,{rpath}"]
        folders = [str(pathlib.Path(lib["name"]).parent) for lib in self.spec.get("lib", [])]
        flags = flags + [f"-Wl,-rpath-link,{f}" for f in dict.fromkeys(folders)]
        inputs = objects + self._flags("ldflags", part) + flags + part.get("needs", [])
        unwind = part.get("unwind", False)
        return [self.machine.cc, "-o", name, *libc.link(kind, inputs, unwind)]

    def _stamp(self, commands):
        """Changes with anything that the files depend on."""
        digest = hashlib.sha256(repr(commands).encode())
        sources = sorted(self.folder.rglob("*")) + sorted((TESTBINS / "common").glob("*")) + \
            sorted((TOP / "crt").rglob("*")) + [pathlib.Path(__file__)]
        for path in sources:
            if path.is_file():
                digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()

    def build(self, libc):
        """Builds what is not up to date."""
        commands = self._commands(libc)
        stamp, want = self.dir / ".stamp", self._stamp(commands)
        if stamp.exists() and stamp.read_text() == want:
            return
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)
        for command in commands:
            (self.dir / command[command.index("-o") + 1]).parent.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(command, cwd=self.dir, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            if done.returncode or "warning:" in done.stdout:
                raise RuntimeError(f"{' '.join(command)}\n{done.stdout}")
        for part in self.spec.get("prog", [{}]):
            if not part.get("kind", "pie").startswith("static"):
                program = self.dir / part.get("name", "prog")
                set_interp(program, program, f"/{libc.loader}")
        self._files()
        stamp.write_text(want)

    def _files(self):
        for part in self.spec.get("file", []):
            path = self.dir / part["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            if "copy" in part:
                shutil.copy(self.dir / part["copy"], path)
            elif "link" in part:
                path.symlink_to(part["link"])
            else:
                path.write_text(part["text"].replace("{dir}", str(self.dir)))
            if "size" in part:
                os.truncate(path, part["size"])
            if "bytes" in part:
                data = bytearray(path.read_bytes())
                for offset, value in part["bytes"]:
                    data[offset] = value
                path.write_bytes(data)
            if "mode" in part:
                path.chmod(int(part["mode"], 8))

    def is_static(self, program):
        return any(part.get("name", "prog") == program and
                   part.get("kind", "pie").startswith("static")
                   for part in self.spec.get("prog", [{}]))

    def check_contents(self, elffacts):
        """That the files hold what the case is about: lines that elffacts must print of them."""
        missing = []
        for wanted in self.has:
            name, fact = wanted.split(" ", 1)
            done = subprocess.run([elffacts, self.dir / name], text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            if fact not in done.stdout.splitlines():
                missing.append(f"{name}: no {fact} among:\n{done.stdout}")
        return "\n".join(missing)

    def program_for(self, run, loader, tag):
        """The program with PT_INTERP = loader, beside the original so that $ORIGIN is the same."""
        source = self.dir / run["prog"]
        target = source.with_name(f"{source.name}.{tag}")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime \
                or os.fsencode(loader) + b"\0" not in target.read_bytes():
            set_interp(source, target, loader)
        return target


def descriptions():
    """Every testbins/TOPIC/NAME/case.toml, by name.  A name is there once, whatever the topic: it is
    what --filter and the folder under build/ go by."""
    found = {}
    for path in TESTBINS.glob("*/*/case.toml"):
        if path.parent.name in found:
            raise SystemExit(f"{path.parent} and {found[path.parent.name].parent}: the same name twice")
        found[path.parent.name] = path
    return [path for _, path in sorted(found.items())]


def read_cases(machines, pattern):
    """Every case of testbins/ for every machine and variant whose name contains pattern."""
    cases = []
    for path in descriptions():
        try:
            spec = tomllib.loads(path.read_text())
        except tomllib.TOMLDecodeError as error:
            raise SystemExit(f"{path}: {error}")
        kinds = spec.get("libc", "musl")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        for name, kind, variant in itertools.product(machines, kinds, spec.get("variant", {"": {}})):
            machine = MACHINES[name]
            if name in spec.get("machines", MACHINES) and machine.suites[kind]:
                case = Case(path.parent, machine, kind, variant, spec)
                if pattern in case.name:
                    cases.append(case)
    return cases
