"""Scenarios: what the real programs are asked to do, and one way to run one.

scenarios/APP/ holds scripts (NAME.sh, .lua, .sql) and lists of commands (NAME.list, one scenario a
line, "< file" for standard input, "# exit: N" for another status than 0). A scenario runs in a fresh
folder with the generated input files, `app` (a link to the program's folder) and `bin` (busybox's
applets, the whole PATH), so its output depends on nothing else. A Way says how programs are started;
standard output and exit status must not depend on it.
"""
import dataclasses
import gzip
import os
import pathlib
import random
import re
import shlex
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
APPS = TOP / "build/apps"
RUN = TOP / "build/run/apps"
NAMES = ("busybox", "dash", "lua", "sqlite3", "minigzip", "sass")
TIMEOUT = 120

SHELLS = {"dash": "./app/dash"}


@dataclasses.dataclass
class Scenario:
    """One start of a program: argv with its program first, a file for stdin or None."""
    app: str
    name: str
    argv: list
    stdin: str
    status: int


@dataclasses.dataclass
class Way:
    """How programs start: what goes before argv, which copy of the programs, extra environment."""
    name: str
    prefix: list
    apps: pathlib.Path
    env: dict = dataclasses.field(default_factory=dict)


def from_list(app, path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        command, _, note = line.partition("\t#")
        words = shlex.split(command)
        stdin = None
        if "<" in words:
            at = words.index("<")
            stdin = words[at + 1]
            del words[at:]
        program = words[0] if "/" in words[0] else "app/" + words[0]
        status = re.search(r"exit: (\d+)", note)
        yield Scenario(app, f"{app}/{path.name}:{number} ({command.strip()})",
                       ["./" + program] + words[1:], stdin, int(status[1]) if status else 0)


def from_script(app, path):
    status = re.search(r"^(?:#|--) exit: (\d+)$", path.read_text(), re.M)
    argv, stdin = [], None
    if path.suffix == ".sh":
        argv = [SHELLS[app]] if app in SHELLS else ["./bin/busybox", "ash"]
        argv.append(path.name)
    elif path.suffix == ".lua":
        argv = ["./app/lua", path.name]
    elif path.suffix == ".sql":
        argv = ["./app/sqlite3", "-batch", "data.db"]
        stdin = path.name
    return Scenario(app, f"{app}/{path.name}", argv, stdin, int(status[1]) if status else 0)


def all_scenarios(names=NAMES):
    for app in names:
        for path in sorted((HERE / "scenarios" / app).iterdir()):
            if path.suffix == ".list":
                yield from from_list(app, path)
            elif path.suffix in (".sh", ".lua", ".sql"):
                yield from_script(app, path)


def write_inputs(folder):
    """The input files: the same bytes at every run, of every kind the scenarios want."""
    rand = random.Random(20)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = ["".join(rand.choices(letters, range(26, 0, -1), k=rand.randint(2, 11)))
             for _ in range(1500)]
    rows = [f"{n},{rand.choice('red green blue black white'.split())},{rand.randint(0, 9999)}"
            for n in range(1200)]
    big = bytes(rand.choices(b"\0\1abcdefghij\xff", k=200000)) + rand.randbytes(50000)
    files = {
        "numbers.txt": "".join(f"{rand.randint(0, 2500)}\n" for _ in range(3000)).encode(),
        "words.txt": "\n".join(words).encode() + b"\n",
        "table.csv": ("id,colour,value\n" + "\n".join(rows) + "\n").encode(),
        "big.bin": big,
    }
    for name in list(files):
        files[name + ".gz"] = gzip.compress(files[name], mtime=0)
    files["broken.gz"] = files["words.txt.gz"][:-2000]
    for name, content in files.items():
        (folder / name).write_bytes(content)


def inputs():
    folder = RUN / "inputs"
    if not folder.exists():
        folder.mkdir(parents=True)
        write_inputs(folder)
    return folder


def work_folder(scenario, way):
    folder = RUN / way.name / re.sub(r"\W+", "_", scenario.name)[:80]
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(inputs(), folder)
    for path in (HERE / "scenarios" / scenario.app).iterdir():
        shutil.copy(path, folder)
    (folder / "app").symlink_to(way.apps / scenario.app)
    (folder / "bin").symlink_to(way.apps / "busybox/bin")
    return folder


def run(scenario, way):
    """-> (exit status, stdout, stderr); negative: killed by that signal; None: not done in time."""
    folder = work_folder(scenario, way)
    env = {"PATH": str(folder / "bin"), "HOME": str(folder), "TZ": "UTC", "LC_ALL": "C", "MYLD_CACHE": "off", **way.env}
    stdin = open(folder / scenario.stdin, "rb") if scenario.stdin else subprocess.DEVNULL
    try:
        done = subprocess.run(way.prefix + scenario.argv, cwd=folder, env=env, stdin=stdin,
                              capture_output=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired as late:
        return None, late.stdout or b"", late.stderr or b""
    finally:
        if scenario.stdin:
            stdin.close()
    shutil.rmtree(folder)
    return done.returncode, done.stdout, done.stderr


def difference(want, got):
    """The first thing in which two results differ, as a line for a person, or None."""
    if want[0] != got[0]:
        last = got[2].decode(errors="replace").strip().splitlines()[-1:]
        return f"exit {got[0]}, expected {want[0]} {last}"
    for number, (a, b) in enumerate(zip(want[1].splitlines(), got[1].splitlines()), 1):
        if a != b:
            return f"line {number} is {b[:100]!r}, expected {a[:100]!r}"
    if want[1] != got[1]:
        return f"{len(got[1])} bytes of output, expected {len(want[1])}"
    return None


def with_interpreter(loader, apps):
    """A copy of the programs in which PT_INTERP names the loader; made again when either changed."""
    stamp = apps / ".interpreter"
    newest = max(path.stat().st_mtime_ns for path in APPS.glob("*/.complete"))
    if stamp.exists() and stamp.read_text() == f"{loader} {newest}":
        return apps
    shutil.rmtree(apps, ignore_errors=True)
    apps.mkdir(parents=True)
    for name in NAMES:
        if (APPS / name).exists():
            shutil.copytree(APPS / name, apps / name, symlinks=True)
    for path in apps.glob("*/*"):
        if path.is_file() and not path.is_symlink() and os.access(path, os.X_OK):
            set_interpreter(path, loader)
    stamp.write_text(f"{loader} {newest}")
    return apps


def set_interpreter(path, loader):
    has_one = subprocess.run(["patchelf", "--print-interpreter", path], capture_output=True,
                             check=False)
    if has_one.returncode == 0:
        subprocess.run(["patchelf", "--set-interpreter", str(loader), path], check=True)


def build(names):
    subprocess.run([HERE / "build.sh", *names], check=True)
