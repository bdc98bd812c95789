#!/usr/bin/env python3
"""What a dlopen remembers (ldso/cache/dlopen_cache.h): each trial does the same thing with nothing remembered, then
twice with a store of its own, so that the second one may go by what the first one left, and compares
what the program sees.  Then it changes something and does that again.

    dlopen.py [--filter RE] [-v]

That something is remembered at all is counted: a trial says whether the second of the two has to look
fewer symbols up.  The environment's MYLD names another loader than the one that was built.
"""
import argparse
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import planfile  # noqa: E402 (the library's folder is named just above)
from planfile import with_sum  # noqa: E402
from namespace import isolated as in_namespace  # noqa: E402
from process import execute, text  # noqa: E402
from selection import choose  # noqa: E402
from toolchain import BUILD, Unavailable  # noqa: E402

SOURCES = pathlib.Path(__file__).resolve().parent / "dlopen"
MYLD = pathlib.Path(os.environ.get("MYLD", BUILD / os.uname().machine / "myld.so")).resolve()
COUNT = 240    # functions that a plugin calls; more than what dlopen_cache.c finds worth it
SETTLED = 0.1  # seconds after which the loader believes a file's times
COMPILERS = {"glibc": ("gcc", "g++"), "musl": ("musl-gcc", None)}


class Wrong(Exception):
    """What a trial has found."""


class Box:
    """A folder with a program, its libraries and a store."""

    def __init__(self, folder, libc="glibc"):
        self.folder = pathlib.Path(folder)
        self.cc, self.cxx = COMPILERS[libc]
        self.store = self.folder / "cache" / "myld"
        self.store.mkdir(mode=0o700, parents=True)
        for name, first in (("functions.h", 0), ("later.h", COUNT // 2)):
            (self.folder / name).write_text("".join(f"DO({i})\n" for i in range(first, COUNT)))
        self.program()

    def compile(self, target, source, *flags, compiler=None):
        target = self.folder / target
        target.parent.mkdir(exist_ok=True)
        done = subprocess.run([compiler or self.cc, "-O1", "-I.", f"-I{SOURCES}", "-o", target,
                               SOURCES / source, *flags], cwd=self.folder, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise Wrong(f"{target}: {done.stdout}")

    def program(self, *flags):
        self.compile("opener", "opener.c", "-fPIE", "-pie", "-rdynamic", *flags, "-ldl")

    def provider(self, target, number, *flags):
        """A library whose functions answer `number`."""
        self.compile(target, "provider.c", "-shared", "-fPIC", f"-DID={number}", *flags)

    def plugin(self, target, *flags, source="plugin.c"):
        """One that calls them; what else it names (other libraries) it needs."""
        self.compile(target, source, "-shared", "-fPIC", "-Wl,--no-as-needed", *flags,
                     compiler=self.cxx if source.endswith(".cc") else None)

    def files(self):
        return sorted(self.store.glob("*.open"))

    def run(self, words, cache="snapshot", count=True, interp=False, **env):
        """What the program says, and how many symbols were looked up."""
        env = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(self.store.parent),
               "MYLD_CACHE": cache, **({"LD_DEBUG": "statistics"} if count else {}), **env}
        start = [] if interp else [MYLD]
        done = execute([*map(str, start), "./opener", *words], env, self.folder)
        looked = re.findall(r"symbol lookups: (\d+)", text(done.stderr))
        said = re.sub(r"^ *\d+:\t.*\n", "", text(done.stderr), flags=re.M)
        return f"{text(done.stdout)}{said}{done.how()}", int(looked[-1]) if looked else None

    def same(self, what, words, known=True, prepare=None, **more):
        """The three runs; what they all say.  known: whether the last one must have found most of its
        symbols remembered.  prepare is called before each."""
        got = []
        for cache in ("off", "snapshot", "snapshot"):
            if prepare:
                prepare()
            time.sleep(SETTLED)
            got.append(self.run(words, cache, **more))
        if len({said for said, _ in got}) > 1:
            raise Wrong(f"{what}: nothing remembered, then twice with a store:\n" +
                        "\n".join(said for said, _ in got))
        spared = got[0][1] - got[2][1]
        if known is not None and known != (spared >= COUNT // 2):
            raise Wrong(f"{what}: {spared} lookups spared, expected {'many' if known else 'none'}")
        # Without statistics the start itself is remembered, too.
        for _ in range(2):
            if prepare:
                prepare()
                time.sleep(SETTLED)
            plain, _ = self.run(words, count=False, **{k: v for k, v in more.items()})
            if plain != got[0][0]:
                raise Wrong(f"{what}: with a start that is remembered:\n{plain}\nexpected:\n{got[0][0]}")
        return got[0][0]


def differ(first, second, what):
    """A change that changes nothing would test nothing."""
    if first == second:
        raise Wrong(f"{what}: expected another answer than {first}")


def expect(said, pattern):
    if not re.search(pattern, said):
        raise Wrong(f"expected {pattern} in: {said}")


TRIALS = {}


def trial(*libcs):
    def register(function):
        for libc in libcs:
            TRIALS[f"{function.__name__}/{libc}"] = (function, libc)
        return function
    return register


HALF = f"-DFIRST={COUNT // 2}"  # a library that has the later half of the functions alone


def padded(box, target, number, *flags):
    """A library that is as long as every other."""
    box.provider(target, number, *flags)
    with (box.folder / target).open("r+b") as file:
        file.truncate(1 << 16)


def two(box):
    """A plugin with two libraries, of which the first has all functions, or half of them."""
    padded(box, "libone.so", 1, "-Wl,-soname,libone.so")
    box.provider("libtwo.so", 2)
    box.plugin("plugin.so", "libone.so", "libtwo.so", "-Wl,-rpath,$ORIGIN")
    return ["p=./plugin.so,n", "p!"]


def simple(box):
    box.provider("libone.so", 1)
    box.plugin("plugin.so", "libone.so", "-Wl,-rpath,$ORIGIN")
    return ["p=./plugin.so,n", "p!"]


# ---- The same thing again ----

@trial("glibc", "musl")
def plain(box):
    expect(box.same("a plugin", simple(box)), "0-239:1")


@trial("glibc")
def as_interpreter(box):
    box.program(f"-Wl,-dynamic-linker,{MYLD}")
    words = simple(box)
    said = box.same("a plugin", words, interp=True)
    box.program(f"-Wl,-dynamic-linker,{MYLD}", "-DID=9")
    differ(said, box.same("a program that has the functions itself", words, interp=True), "program")


@trial("glibc")
def after_close(box):
    words = simple(box)
    box.same("closed and opened again", [*words, "p-", *words, "p-", *words])


@trial("glibc", "musl")
def weak(box):
    words = simple(box)
    first = box.same("a weak symbol that nobody has", words)
    box.provider("libmaybe.so", 3, "-DMAYBE", HALF)
    second = box.same("one that another has", ["m=./libmaybe.so,ng", *words])
    expect(first, "maybe:0")
    expect(second, "0-119:1 120-239:1 maybe:3|0-119:1 120-239:3 maybe:3")


@trial("glibc")
def lazy(box):
    """Slots wait, and what is global by their first call wins."""
    words = simple(box)
    box.provider("libtwo.so", 2)
    words[0] = "p=./plugin.so,l"
    expect(box.same("bound at the first call", [*words, "t=./libtwo.so,ng", "p!"]),
           "0-239:1.*\n.*0-239:1")
    expect(box.same("nothing called before", [words[0], "t=./libtwo.so,ng", "p!"]),
           "0-0:1 1-1:2")
    box.plugin("plugin.so", "libone.so", "-Wl,-rpath,$ORIGIN,-z,now")
    box.same("a plugin that is bound at once", words)


@trial("glibc")
def lazy_after_now(box):
    """What was known of one way to open it is not for the other."""
    words = simple(box)
    box.provider("libtwo.so", 2)
    box.same("at once", words)
    expect(box.same("lazily", ["p=./plugin.so,l", "t=./libtwo.so,ng", "p!"]),
           "0-0:1 1-1:2")


@trial("glibc")
def ifunc(box):
    """Resolvers run each time."""
    box.provider("libone.so", 1, "-DIFUNC")
    box.plugin("plugin.so", "libone.so", "-Wl,-rpath,$ORIGIN", "-DIFUNC")
    words = ["p=./plugin.so,n", "p!"]
    expect(box.same("the first choice", words), "ifunc:101,101")
    expect(box.same("the second one", ["choose=2", *words]), "ifunc:201,201")


@trial("glibc", "musl")
def tls(box):
    box.provider("libone.so", 1, "-DTLS")
    for model in ("global-dynamic", "initial-exec"):
        box.plugin("plugin.so", "libone.so", "-Wl,-rpath,$ORIGIN", "-DTLS", f"-ftls-model={model}")
        said = box.same(f"thread-local variables, {model}", ["p=./plugin.so,n", "p!", "p!"])
        expect(said, "tls:15.*\n.*tls:26")


@trial("glibc")
def unique(box):
    """The first definition of all is everybody's, whichever that is."""
    box.provider("libone.so", 1)
    for name, number in (("a", 1), ("b", 2)):
        box.plugin(f"{name}.so", "libone.so", "-Wl,-rpath,$ORIGIN", f"-DID={number}", source="unique.cc")
    a, b = ["a=./a.so,n", "a!"], ["b=./b.so,n", "b!"]
    expect(box.same("one after the other", [*a, *b]), "a: count 11.*\nb: count 12")
    expect(box.same("the other way round", [*b, *a]), "b: count 21.*\na: count 22")
    expect(box.same("the second one alone", b), "b: count 21")
    expect(box.same("again after the first was closed", [*a, "a-", *b]), "b: count 12")


@trial("glibc")
def exceptions(box):
    box.provider("libone.so", 1)
    box.plugin("a.so", "libone.so", "-Wl,-rpath,$ORIGIN", "-DID=1", source="unique.cc")
    expect(box.same("an exception", ["a=./a.so,n", "a!", "a!"]), "caught 1\n.*caught 1")


@trial("glibc")
def stays(box):
    """What a plugin is bound to stays as long as it does, though nobody needs it."""
    box.provider("libone.so", 1)
    box.plugin("plugin.so")
    words = ["g=./libone.so,ng", "p=./plugin.so,n"]
    expect(box.same("closed by who opened it", [*words, "g-", "p!"]), "0-239:1")


# ---- Something else each time ----

@trial("glibc", "musl")
def interposer(box):
    words = simple(box)
    box.provider("libtwo.so", 2, HALF)
    first = box.same("alone", words)
    differ(first, box.same("behind an interposer", ["i=./libtwo.so,ng", *words]), "interposer")
    expect(box.same("an interposer that is not global", ["i=./libtwo.so,n", *words]), "0-239:1")
    expect(box.same("one that comes too late", [*words, "i=./libtwo.so,ng", "p!"]), "0-239:1")
    expect(box.same("preloaded", words, LD_PRELOAD=str(box.folder / "libtwo.so")), "120-239:2")


@trial("glibc", "musl")
def order(box):
    box.provider("libone.so", 1)
    box.provider("libtwo.so", 2, HALF)
    box.plugin("plugin.so")
    one, two_, plugin = "x=./libone.so,ng", "y=./libtwo.so,ng", ["p=./plugin.so,n", "p!"]
    expect(box.same("one, two", [one, two_, *plugin]), "0-239:1")
    expect(box.same("two, one", [two_, one, *plugin]), "0-119:1 120-239:2")
    if box.cxx:  # a libc that unloads
        box.provider("libtwo.so", 2)
        expect(box.same("one is closed", [one, two_, "x-", *plugin]), "0-239:2")


@trial("glibc")
def deepbind(box):
    words = simple(box)
    box.provider("libtwo.so", 2)
    expect(box.same("the global one first", ["i=./libtwo.so,ng", *words]), "0-239:2")
    expect(box.same("the own one first", ["i=./libtwo.so,ng", "p=./plugin.so,nd", "p!"]), "0-239:1")


@trial("glibc")
def dynamic_weak(box):
    """The first definition, or the first that is not weak."""
    box.provider("libone.so", 1)
    box.provider("libtwo.so", 2, HALF, "-DKIND=__attribute__((weak))")
    box.plugin("plugin.so")
    words = ["w=./libtwo.so,ng", "s=./libone.so,ng", "p=./plugin.so,n", "p!"]
    expect(box.same("weak and first", words), "0-119:1 120-239:2")
    expect(box.same("LD_DYNAMIC_WEAK", words, LD_DYNAMIC_WEAK="1"), "0-239:1")


@trial("glibc", "musl")
def replaced(box):
    words = two(box)
    expect(box.same("before", words), "0-239:1")
    box.provider("new.so", 1, HALF, "-Wl,-soname,libone.so")
    os.replace(box.folder / "new.so", box.folder / "libone.so")
    expect(box.same("another file", words), "0-119:2 120-239:1")
    box.provider("new.so", 3, "-Wl,-soname,libone.so")
    (box.folder / "libone.so").write_bytes((box.folder / "new.so").read_bytes())
    expect(box.same("written over", words), "0-239:3")


@trial("glibc")
def times_kept(box):
    """A file written over with one of its size, its modification time set back."""
    words = two(box)
    box.same("before", words)
    path = box.folder / "libone.so"
    kept = path.stat()
    padded(box, "new.so", 1, HALF, "-Wl,-soname,libone.so")
    with path.open("r+b") as file:
        file.write((box.folder / "new.so").read_bytes())
    os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    expect(box.same("after", words), "0-119:2 120-239:1")


@trial("glibc")
def replaced_meanwhile(box):
    """Between two dlopens of one process."""
    words = two(box)
    padded(box, "one.so", 1, "-Wl,-soname,libone.so")
    padded(box, "half.so", 1, HALF, "-Wl,-soname,libone.so")

    def prepare():
        shutil.copy(box.folder / "one.so", box.folder / "libone.so")
        shutil.copy(box.folder / "half.so", box.folder / "new.so")

    said = box.same("replaced between two dlopens", [*words, "p-", "move=new.so,libone.so", *words],
                    known=None, prepare=prepare)
    expect(said, "(?s)0-239:1.*0-119:2 120-239:1")


@trial("glibc", "musl")
def earlier_in_path(box):
    for target, number, *more in (("second/libone.so", 1), ("first.so", 3, HALF)):
        box.provider(target, number, *more, "-Wl,-soname,libone.so")
    box.provider("second/libtwo.so", 2, "-Wl,-soname,libtwo.so")
    box.plugin("plugin.so", "second/libone.so", "second/libtwo.so",
               "-Wl,-rpath,$ORIGIN/first:$ORIGIN/second")
    words = ["p=./plugin.so,n", "p!"]
    expect(box.same("in the second directory", words), "0-239:1")
    (box.folder / "first").mkdir()
    os.rename(box.folder / "first.so", box.folder / "first/libone.so")
    expect(box.same("one in the first as well", words), "0-119:2 120-239:3")
    expect(box.same("LD_LIBRARY_PATH", words, LD_LIBRARY_PATH=str(box.folder / "second")), "0-239:1")


@trial("glibc")
def part_is_loaded(box):
    """Which of its libraries are new is part of the key."""
    words = simple(box)
    box.plugin("other.so", "libone.so", "-Wl,-rpath,$ORIGIN")
    box.same("alone", words)
    box.same("its library came with another", ["o=./other.so,n", *words, "o-", "p!"])


# ---- What is in the store ----

@trial("glibc")
def damaged(box):
    words = simple(box)
    said = box.same("before", words)
    path, = box.files()
    whole = path.read_bytes()
    known = box.run(words)[1]
    for at in [*range(0, len(whole), 97), len(whole) - 1]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1:])
        path.chmod(0o400)  # a new one takes its place all the same
        got = box.run(words)
        if got[0] != said:
            raise Wrong(f"a bit at {at}: {got[0]}")
        if got[1] < known + COUNT:
            raise Wrong(f"a bit at {at}: it was believed")
        if path.read_bytes() != whole:
            raise Wrong(f"a bit at {at}: not written again")
    for size in (0, 1, 40, len(whole) // 2, len(whole) - 8):
        path.chmod(0o600)
        path.write_bytes(whole[:size])
        if box.run(words)[0] != said or path.read_bytes() != whole:
            raise Wrong(f"{size} bytes of it")


@trial("glibc")
def crafted(box):
    """Files whose checksum is right and whose contents lead out of them, or of the libraries."""
    words = simple(box)
    said = box.same("before", words)
    path, = box.files()
    whole = path.read_bytes()
    if with_sum(whole) != whole:
        raise Wrong("this test computes another checksum")
    first, _ = planfile.objects(whole)
    bindings, nbindings = planfile.section(whole, "bindings")
    ranges = {name: planfile.RANGES_AT + 8 * planfile.SECTIONS.index(name)
              for name in ("key", "strings", "objects", "bindings")}
    places = {"members": planfile.MEMBERS_AT, "size": planfile.SIZE_AT,
              **{f"{name} at": at for name, at in ranges.items()},
              **{f"{name} count": at + 4 for name, at in ranges.items()},
              "first range": first[0] + planfile.BINDINGS_AT,
              "first count": first[0] + planfile.BINDINGS_AT + 4, "a key": bindings + 60,
              "first member": first[0] + planfile.MEMBER_AT, "a binding's member": bindings + 64,
              "its symbol": bindings + 68,
              "the last symbol": bindings + (nbindings - 1) * planfile.BINDING + 8}
    # Where another number means another symbol, who writes it lies to himself.
    lies = ("first member", "a binding's member", "its symbol", "the last symbol", "strings at",
            "objects at", "bindings at", "key at")
    for name, at in places.items():
        old, = struct.unpack_from("<I", whole, at)
        for value in {0x7fffffff, 0xfffffffe, *([] if name in lies else [0, 1, old + 1, 0xffffffff])}:
            path.write_bytes(with_sum(whole[:at] + struct.pack("<I", value) + whole[at + 4:]))
            got, _ = box.run(words)
            if got != said:
                raise Wrong(f"{name} {value:#x}: {got}")


def inject(box, words, call, error, when):
    """The run in which that call fails for the when-th time, and its line in strace's log; None: there
    are not so many."""
    log = box.folder / "calls"
    done = execute(["strace", "-o", str(log), "-e", f"trace={call}", "-e",
                    f"inject={call}:error={error}:when={when}", str(MYLD), "./opener", *words],
                   {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(box.store.parent),
                    "LD_DEBUG": "statistics"}, box.folder)
    return done, next((l for l in log.read_text().splitlines() if "(INJECTED)" in l), None)


@trial("glibc")
def system_calls_fail(box):
    """Whatever of the store's cannot be had, the program goes on and nothing half-done is left."""
    words = simple(box)
    said = box.same("before", words)
    path, = box.files()
    whole = path.read_bytes()
    seen = 0
    for call, error in (("pwrite64", "ENOSPC"), ("renameat2", "EIO"), ("openat", "EMFILE")):
        for when in range(1, 100):
            path.unlink(missing_ok=True)
            done, line = inject(box, words, call, error, when)
            if line is None:
                break
            if call == "openat" and not re.search(r'\.open"|"\.new-|/myld"', line):
                continue  # not the store's
            seen += 1
            if text(done.stdout) + done.how() != said:
                raise Wrong(f"{line}: {text(done.stdout)}{done.how()}")
            left = [p.name for p in box.store.glob(".new*")]
            if left or (path.exists() and path.read_bytes() != whole):
                raise Wrong(f"{line}: left {left or path}")
    if seen < 5:
        raise Wrong(f"{seen} calls failed, expected a write, a rename and three of open")


@trial("glibc")
def not_ours(box):
    words = simple(box)
    box.same("before", words)
    path, = box.files()
    cold, known = box.run(words, "off")[1], box.run(words)[1]
    path.chmod(0o666)
    if box.run(words)[1] == known:
        raise Wrong("a file that everybody may write to was believed")
    box.store.chmod(0o755)
    if box.run(words)[1] != cold:
        raise Wrong("a directory that everybody may read was believed")


@trial("glibc")
def for_people(box):
    """--cache list, verify and clear know them."""
    words = simple(box)
    time.sleep(SETTLED)
    box.run(words)
    path, = box.files()

    def says(pattern, *command):
        env = {"XDG_CACHE_HOME": str(box.store.parent)}
        expect(text(execute([str(MYLD), "--cache", *command], env, box.folder).stdout), pattern)

    where = f"{box.folder}/plugin.so in {box.folder}/opener"
    says(f"(?s)  dlopen +2 .* {where}: valid\n.*1 dlopen;", "list")
    says(f"{path.name}: good: {box.folder}/plugin.so", "verify")
    box.plugin("plugin.so", "libone.so", "-Wl,-rpath,$ORIGIN")
    says(f" {where}: the opened library has changed", "list")
    box.program()
    says(f"{path.name}: stale: the program has changed", "verify")
    path.write_bytes(path.read_bytes()[:-1])
    says(f"{path.name}: not a plan of this version, or damaged", "list")
    says(f"{path.name}: damaged", "verify")
    says("1 files? removed", "clear")


@trial("glibc")
def system(box):
    """Root leaves them in the system's directory for everybody, but for files that not everybody may
    read."""
    words = simple(box)
    for name in (".", "opener", "plugin.so", "libone.so"):
        (box.folder / name).chmod(0o755)

    def left():
        time.sleep(SETTLED)
        script = ('mount -t tmpfs none /var/cache && mkdir -m 755 /var/cache/myld && "$@" >&2 && '
                  'find /var/cache/myld -name "*.open" -printf "%m "')
        done = execute(in_namespace(["/bin/sh", "-c", script, "sh", MYLD, "./opener", *words]),
                       {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, box.folder)
        if done.status:
            raise Wrong(text(done.stderr))
        return text(done.stdout).strip()

    if left() != "644":
        raise Wrong(f"left: {left()}, expected one file of mode 644")
    (box.folder / "libone.so").chmod(0o700)
    if left():
        raise Wrong("a library that is root's alone was told of")


@trial("glibc")
def no_store(box):
    words = simple(box)
    shutil.rmtree(box.store)
    if box.run(words) != box.run(words, "off") or box.store.exists():
        raise Wrong("a store was made")


@trial("glibc")
def small(box):
    """A plugin with few symbols is none of our business, nor one that fails to load."""
    for name in ("functions.h", "later.h"):
        (box.folder / name).write_text("".join(f"DO({i})\n" for i in range(10)))
    words = simple(box)
    box.same("few symbols", words, known=False)
    (box.folder / "functions.h").write_text("".join(f"DO({i})\n" for i in range(COUNT)))
    box.plugin("plugin.so")
    expect(box.same("undefined symbols", words[:1], known=False), "undefined symbol")
    if box.files():
        raise Wrong(f"left: {box.files()}")


@trial("glibc")
def just_changed(box):
    """Files whose times may not have told yet are not remembered."""
    words = simple(box)
    for _ in range(20):  # unless the machine is so slow that the clock ticks in between
        for path in box.files():
            path.unlink()
        shutil.copy(box.folder / "libone.so", box.folder / "new.so")
        box.run(["move=new.so,libone.so", *words])
        if not box.files():
            break
    else:
        raise Wrong("a library that has changed within the clock's last tick was remembered")
    time.sleep(SETTLED)
    box.run(words)
    if not box.files():
        raise Wrong("nothing was remembered later")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filter", default="")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for name in choose(TRIALS, lambda name: re.search(options.filter, name), f"--filter {options.filter}", "trials"):
        function, libc = TRIALS[name]
        if libc == "glibc" and os.uname().machine != "x86_64":
            counts["skipped"] += 1
            print(f"SKIPPED cache-dlopen/{name}: the loader starts glibc programs on x86_64 alone")
            continue
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:
            try:
                function(Box(folder, libc))
            except Unavailable as why:
                counts["skipped"] += 1
                print(f"SKIPPED cache-dlopen/{name}: {why}")
            except Wrong as wrong:
                counts["failed"] += 1
                print(f"FAILED  cache-dlopen/{name}: {wrong}")
            else:
                counts["passed"] += 1
                if options.verbose:
                    print(f"passed  cache-dlopen/{name}")
    print("%d passed, %d failed, %d skipped" % tuple(counts.values()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
