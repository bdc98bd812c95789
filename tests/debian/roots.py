"""Roots of a Debian suite by debootstrap: one with the system's own loader, one with myld.so in its place."""
import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/lib"))
from recipes import recipe  # noqa: E402 (the library's folder is named just above)

OUT = TOP / "build/debian"
FETCH = TOP / "tests/run/fetch.sh"
EMULATED = TOP / "tests/debian/emulated.py"
SOURCES = {"trixie": "bookworm"}  # whose sources are taken, for a suite of which not every mirror has them
INCLUDED = "ca-certificates"  # beside what debootstrap's minbase has
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8",
               "DEBIAN_FRONTEND": "noninteractive", "TERM": "dumb", "SOURCE_DATE_EPOCH": "1700000000"}

# In a mount and process namespace of its own, with a /dev of its own: nothing of the host can be changed.
ENTER = """
mount -t proc proc "$0/proc"
mount -t tmpfs tmpfs "$0/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$0/dev/pts"
exec chroot "$0" /bin/sh -c "$1"
"""


@dataclasses.dataclass(frozen=True)
class Machine:
    name: str
    arch: str  # as Debian calls it
    loader: str

    @property
    def native(self):
        return os.uname().machine == self.name

    def installed(self):
        """The loader as it is installed: without debugging information, which gdb would go by."""
        folder = OUT / f"installed-{self.name}"
        must(["make", "-s", "-C", TOP, "install", f"ARCH={self.name}", f"DESTDIR={folder}", "PREFIX="], 600)
        return folder / "lib/myld/myld.so"

    def prefix(self):
        """What comes before a command that has programs of this machine."""
        if self.native:
            return []
        packages = must([FETCH, "bookworm", os.uname().machine, "qemu-user-static"], 600).strip()
        return [EMULATED, self.name, f"{packages}/usr/bin/qemu-{self.name}-static"]


MACHINES = {machine.name: machine for machine in (
    Machine("x86_64", "amd64", "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
    Machine("aarch64", "arm64", "lib/aarch64-linux-gnu/ld-linux-aarch64.so.1"),
    Machine("riscv64", "riscv64", "lib/riscv64-linux-gnu/ld-linux-riscv64-lp64d.so.1"),
)}


@dataclasses.dataclass
class Result:
    status: int
    output: str


def run(command, timeout, **options):
    """A command in a session of its own; what is left of it when the time is over is killed."""
    try:
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=timeout, check=False, **options)
        return Result(done.returncode, done.stdout.decode(errors="replace"))
    except subprocess.TimeoutExpired as error:
        return Result(-1, (error.stdout or b"").decode(errors="replace") + f"\nended after {timeout} s\n")


def must(command, timeout, **options):
    result = run(command, timeout, **options)
    if result.status:
        raise RuntimeError(f"{' '.join(map(str, command))[:300]}: exit {result.status}\n{result.output[-3000:]}")
    return result.output


def mirror():
    """That of the machine's own suite, which has the others as well."""
    codename = re.search(r"^VERSION_CODENAME=(\w+)", pathlib.Path("/etc/os-release").read_text(), re.M)[1]
    lines = must(["apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"], 600).splitlines()
    for release, component, uri in (line.split() for line in lines):
        if release == codename and component == "main":
            return uri
    raise RuntimeError(f"apt's sources name no mirror of {codename}")


class Root:
    """A root directory, and what is run in it.  kind: "own" or "myld", whose loader it has."""

    def __init__(self, suite, machine, kind, name=None):
        self.suite, self.machine, self.kind = suite, machine, kind
        self.path = folder_of(suite, machine) / (name or kind)

    def sh(self, script, timeout=600):
        return run([*self.machine.prefix(), "unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
                    "sh", "-ec", ENTER, self.path, script], timeout, env=ENVIRONMENT, start_new_session=True)

    def must(self, script, timeout=600):
        result = self.sh(script, timeout)
        if result.status:
            raise RuntimeError(f"{self.kind}: {script[:300]}: exit {result.status}\n{result.output[-3000:]}")
        return result.output

    def ready(self):
        return self.path.with_suffix(".ready")

    def place(self):
        """myld.so in ld-linux's place, as the document says."""
        script = recipe("place", self.machine.installed()).replace(MACHINES["x86_64"].loader, self.machine.loader)
        must(["/bin/sh", "-euc", script], 600, env={**os.environ, "ROOT": str(self.path)})

    def update_loader(self):
        """The loader of this tree, in a root that an earlier run has left."""
        loader = self.path / self.machine.loader
        shutil.copy(self.machine.installed(), loader.with_suffix(".new"))
        loader.with_suffix(".new").rename(loader)

    def loader(self):
        return self.must(f"/{self.machine.loader} --version").splitlines()[0]


def folder_of(suite, machine):
    return OUT / (suite if machine.native else f"{suite}-{machine.arch}")


def first_stage(suite, machine):
    """What debootstrap unpacks, before any program of it has run."""
    folder = folder_of(suite, machine) / "unpacked"
    if not folder.with_suffix(".ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        must(["debootstrap", "--foreign", f"--arch={machine.arch}", "--variant=minbase", f"--include={INCLUDED}", suite, folder,
              mirror()], 1800)
        make_devices(folder / "dev")
        folder.with_suffix(".ready").touch()
    return folder


def make_devices(folder):
    """Those that debootstrap makes: it cannot in a user namespace."""
    for name, major, minor in (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9),
                               ("tty", 5, 0), ("console", 5, 1)):
        with contextlib.suppress(FileExistsError):
            os.mknod(folder / name, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
            (folder / name).chmod(0o666)


def make(suite, machine, kind, name=None):
    """debootstrap's second stage, the maintainer scripts of all packages, runs under the root's loader already."""
    root = Root(suite, machine, kind, name)
    if not root.ready().exists():
        shutil.rmtree(root.path, ignore_errors=True)
        must(["cp", "-a", first_stage(suite, machine), root.path], 300)
        if kind == "myld":
            (root.path / "var/lib/dpkg").mkdir(parents=True, exist_ok=True)
            root.place()
        container = "" if machine.native else "container=lxc"  # where devices can't be made
        root.must(f"{container} /debootstrap/debootstrap --second-stage", 3600)
        (root.path / "etc/apt/sources.list").write_text(
            f"deb {mirror()} {suite} main\ndeb-src {mirror()} {SOURCES.get(suite, suite)} main\n")
        shutil.copy("/etc/resolv.conf", root.path / "etc/resolv.conf")
        copy_trust(root.path)
        root.must("apt-get -q update", 600)
        root.ready().touch()
    if kind == "myld":
        root.update_loader()
    return root


def copy_trust(root):
    """How apt reaches this machine's mirror.  Parts may run beside each other: one waits for the other's apt."""
    dump = must(["apt-config", "dump"], 600).splitlines()
    (root / "etc/apt/apt.conf.d/99host").write_text(
        "\n".join(line for line in dump if re.match(r"Acquire::(http|https|Check)[-:\w]* ", line)) +
        '\nDPkg::Lock::Timeout "600";\n')
    bundle = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
    if bundle.exists():
        shutil.copy(bundle, root / "etc/ssl/certs/ca-certificates.crt")
