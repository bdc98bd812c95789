"""What can happen to plans beside changes of the world: damage, a full disk, many writers, a writer that is
killed, files that change while they are looked at, another user, another boot, another processor.

Each trial gets a folder and returns None or what is wrong.
"""
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import threading
import time

from box import TRUSTED, Box
from case import set_interp
from elf import PT_DYNAMIC, Elf
from namespace import needs_root
from planfile import FLAGS_AT, M64, objects, section, with_sum
from toolchain import Unavailable

TRIALS = {}  # name: function
NOBODY = 65534


def trial(function):
    TRIALS[function.__name__.replace("_", "-")] = function
    return function


def file_of(box, suffix):
    return next((p for p in sorted(box.cache.iterdir()) if p.suffix == suffix), None)


def primed(parent, mode="snapshot", **more):
    """A box whose starts go by a plan, and its reference."""
    box = Box(parent, **more)
    problem = box.prime(mode)
    if problem:
        raise RuntimeError(problem)
    return box, box.reference()


def wrong(box, reference, mode, expected=None, **env):
    """None, or what is wrong with a start; expected: what it has to go by."""
    start = box.run(mode, **env)
    problem = reference.complaint(start)
    if problem:
        return f"{mode} ({start.how}): {problem}"
    if expected and start.how not in expected:
        return f"{mode}: went by {start.how}, expected {expected}"
    return None


# ---- Damage ----

def put_back(path, data):
    """A new file: those that are mapped somewhere stay as they are."""
    new = path.with_suffix(".tmp")
    new.write_bytes(data)
    new.chmod(0o600)
    new.rename(path)


def each_damage(parent, damages):
    box, reference = primed(parent)
    box.cache.chmod(0o500)  # root writes nevertheless, so nothing but this helps:
    plan = file_of(box, ".plan")
    good = plan.read_bytes()
    for what, data in damages(good):
        box.cache.chmod(0o700)
        put_back(plan, data)
        problem = wrong(box, reference, "bindings", "cold")
        if problem:
            return f"{what}: {problem}"
    put_back(plan, good)
    return wrong(box, reference, "bindings", "bindings")


@trial
def plan_truncated(parent):
    def damages(good):
        sizes = {0, 1, 7, 8, 100, len(good) - 8, len(good) - 1}
        sizes |= {random.Random(1).randrange(len(good)) for _ in range(20)}
        return [(f"{n} of {len(good)} bytes", good[:n]) for n in sorted(sizes)]

    return each_damage(parent, damages)


@trial
def plan_longer(parent):
    return each_damage(parent, lambda good: [("8 bytes more", good + bytes(8)), ("twice", good * 2)])


@trial
def bits_of_the_plan_flipped(parent):
    def damages(good):
        choose = random.Random(2)
        for bit in [*range(0, 8 * 200, 61), *(choose.randrange(8 * len(good)) for _ in range(60))]:
            data = bytearray(good)
            data[bit // 8] ^= 1 << bit % 8
            yield f"bit {bit}", bytes(data)

    return each_damage(parent, damages)


@trial
def plan_of_zeros(parent):
    """As a file system may leave it behind when the power fails."""
    return each_damage(parent, lambda good: [("zeros", bytes(len(good))),
                                             ("zeros behind a page", good[:4096] + bytes(len(good) - 4096))])


@trial
def bits_of_the_pages_flipped(parent):
    """Who writes to them changes the time of the change, which the plan has."""
    box, reference = primed(parent)
    for seed in range(8):
        pages = file_of(box, ".pages")
        was = pages.stat()
        with open(pages, "r+b") as f:
            f.seek(random.Random(seed).randrange(was.st_size))
            byte = f.read(1)[0]
            f.seek(-1, os.SEEK_CUR)
            f.write(bytes([byte ^ 1 << seed % 8]))
        os.utime(pages, ns=(was.st_atime_ns, was.st_mtime_ns))
        if pages.stat().st_ctime_ns == was.st_ctime_ns:
            return "this file system does not keep the time of a change"
        problem = wrong(box, reference, "bindings", "bindings") or \
            wrong(box, reference, "snapshot", "cold") or wrong(box, reference, "snapshot", "snapshot")
        if problem:
            return problem
    return None


# ---- Plans that were made to fit ----

def place_of_libraries(data):
    """Offsets in the file of the `start` of each object that the snapshot holds."""
    found, size = objects(data)
    return [o + size - 16 for o in found if struct.unpack_from("<I", data, o + FLAGS_AT)[0] & 16]


@trial
def base_taken(parent):
    """Where the snapshot's libraries are to lie, there is something already: the program."""
    box, reference = primed(parent, program="fixed")
    plan = file_of(box, ".plan")
    good = plan.read_bytes()
    if with_sum(good) != good:
        return "this test does not know the plan's sum"
    places = place_of_libraries(good)
    if len(places) < 10:
        return f"{len(places)} places in the plan"
    for which in (0, len(places) // 2, len(places) - 1):
        for address in (0x400000, 0x401000, 0x400123, 0x7ffffffff000, 1 << 63):
            data = bytearray(good)
            struct.pack_into("<Q", data, places[which], address)
            put_back(plan, with_sum(data))
            problem = wrong(box, reference, "snapshot", "bindings")
            if problem:
                return f"library {which} at 0x{address:x}: {problem}"
    return None


@trial
def pages_too_short(parent):
    """A plan that wants more of the pages than there are: nothing is mapped behind the end of the file."""
    box, reference = primed(parent)
    plan = file_of(box, ".plan")
    good = plan.read_bytes()
    for place in place_of_libraries(good)[::4]:
        for offset in (1 << 20, 1 << 40, 1 << 63, M64, 0x1001):
            data = bytearray(good)
            struct.pack_into("<Q", data, place + 8, offset)
            put_back(plan, with_sum(data))
            problem = wrong(box, reference, "snapshot", "bindings")
            if problem:
                return f"pages at 0x{offset:x}: {problem}"
    return None


# ---- Writers ----

@trial
def many_writers(parent):
    """Starts of both modes side by side, with nothing, or one another's plans, to go by."""
    box = Box(parent)
    reference = box.reference()
    problems = []

    def starter(number):
        for i in range(12):
            mode = ("bindings", "snapshot")[(i + number) % 2]
            mine = dump(box, f"{number}")
            start = mine.run(mode)
            problems.append(reference.complaint(start))
            if i % 4 == number % 4:
                for p in box.cache.iterdir():
                    p.unlink(missing_ok=True)

    threads = [threading.Thread(target=starter, args=(n,)) for n in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    problem = next(filter(None, problems), None)
    return problem or box.prime("snapshot") or wrong(box, reference, "snapshot", "snapshot")


def dump(box, name):
    """The same box, for starts beside others."""
    mine = object.__new__(Box)
    mine.__dict__.update(box.__dict__)
    mine.dump = box.dump.with_name(name)
    return mine


@trial
def killed_writers(parent):
    """SIGKILL at any moment of a start that leaves a plan."""
    box = Box(parent)
    reference = box.reference()
    choose = random.Random(3)
    began = time.monotonic()
    box.run("snapshot")
    took = time.monotonic() - began
    for i in range(60):
        for p in box.cache.iterdir():
            if p.suffix:
                p.unlink(missing_ok=True)
        env = {**box.env, "MYLD_CACHE": "snapshot", "XDG_CACHE_HOME": str(box.cache.parent)}
        process = subprocess.Popen(box.command(), env=env, stdout=subprocess.DEVNULL)
        time.sleep(choose.uniform(0, took))
        process.send_signal(signal.SIGKILL)
        process.wait()
        problem = wrong(box, reference, choose.choice(("bindings", "snapshot")))
        if problem:
            return f"behind kill {i}: {problem}"
    return box.prime("snapshot") or wrong(box, reference, "snapshot", "snapshot")


@trial
def disk_full(parent):
    needs_root()
    box = Box(parent)
    reference = box.reference()
    for size in (4, 8, 16, 32, 64, 100, 128, 160, 1024):
        seen = box.dir / "seen"
        box.front = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c",
                     f'mount -t tmpfs -o size={size}k,mode=700 x "$1" || exit 125; cache=$1; shift; "$@"; e=$?; '
                     f'ls -A "$cache" >{seen}; exit $e', "sh", str(box.cache)]
        for mode in ("bindings", "snapshot"):
            problem = wrong(box, reference, mode)
            if problem:
                return f"{size} KB: {problem}"
            left = [name for name in seen.read_text().split() if name.startswith(".new")]
            if left:
                return f"{size} KB, {mode}: {left} was left behind"
            if size == 1024 and ".plan" not in seen.read_text():
                return f"{size} KB, {mode}: no plan; the test does not test what it says"
    return None


@trial
def read_only(parent):
    """A start that can leave nothing goes by what is there, be it only bindings."""
    needs_root()
    box, reference = primed(parent, "bindings")
    box.front = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c",
                 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 125; shift; exec "$@"',
                 "sh", str(box.cache)]
    return wrong(box, reference, "snapshot", "bindings") or wrong(box, reference, "bindings", "bindings")


def limited(box, mode, *limit):
    """A start under a limit that the program itself keeps to: what is wrong."""
    env = {**box.env, "MYLD_CACHE": mode, "XDG_CACHE_HOME": str(box.cache.parent)}
    outcome = subprocess.run(["prlimit", *limit, *box.command()], env=env, check=False, cwd=box.dir,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if outcome.returncode or outcome.stderr:
        return f"{limit}, {mode}: exit {outcome.returncode} {outcome.stderr}"
    left = {p.suffix for p in box.cache.iterdir()}
    if ".pages" in left and ".plan" not in left:
        return f"{limit}, {mode}: pages without a plan were left"
    if any(p.name.startswith(".new") for p in box.cache.iterdir()):
        return f"{limit}, {mode}: an unfinished file was left"
    for p in box.cache.iterdir():
        p.unlink()
    return None


@trial
def file_size_limit(parent):
    """RLIMIT_FSIZE below the size of what a start leaves: the kernel's signal would end the program."""
    box, _ = primed(parent)
    sizes = sorted(p.stat().st_size for p in box.cache.iterdir())
    limits = [0, 4096, *(size - 1 for size in sizes), *sizes]
    return next(filter(None, (limited(box, mode, f"--fsize={n}") for n in limits
                              for mode in ("bindings", "snapshot"))), None)


@trial
def one_descriptor(parent):
    """The libraries may need the only descriptor that is free."""
    box = Box(parent)
    return next(filter(None, (limited(box, mode, f"--nofile={n}") for n in (4, 5, 6)
                              for mode in ("off", "bindings", "snapshot"))), None)


@trial
def mount_of_a_user(parent):
    """A directory that seems to be root's, on a medium that a user has brought along."""
    needs_root()
    box = Box(parent)
    reference = box.reference()
    for options, hows in (("", {"bindings"}), (",nosuid", {"cold"}), (",nodev", {"cold"})):
        # Both starts in one mount: the second would go by what the first has left.
        box.front = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c",
                     f'mount -t tmpfs -o mode=700{options} x "$1" || exit 125; shift; PROBE= "$@" >/dev/null; exec "$@"',
                     "sh", str(box.cache)]
        problem = wrong(box, reference, "bindings", hows)
        if problem:
            return f"mounted with{options or 'out options'}: {problem}"
    return None


# ---- What changes while it is looked at ----

def call_of(box, path, mode):
    """Which of its openat calls opens the path."""
    log = box.dir / "trace"
    box.front = ["strace", "-f", "-e", "trace=openat", "-o", str(log)]
    box.run(mode)
    box.front = []
    lines = [line for line in log.read_text().splitlines() if "openat(" in line]
    return next(i + 1 for i, line in enumerate(lines) if path in line)


def during_a_record(parent, path, act, way="interp"):
    """Does something half a second after the loader opened the file (or found it missing)."""
    if not shutil.which("strace"):
        raise Unavailable("strace is needed to hold a start up")
    for mode in ("bindings", "snapshot"):
        box = Box(parent, way=way)
        nth = call_of(box, path, "off")
        box.settle()
        box.front = ["strace", "-f", "-o", "/dev/null", "-e", "trace=openat", "-e",
                     f"inject=openat:delay_exit=400000:when={nth}"]
        holder = threading.Thread(target=box.run, args=(mode,))
        holder.start()
        time.sleep(0.25)
        act(box)
        holder.join()
        box.front = []
        box.settle()
        reference = box.reference()
        for _ in range(3):
            problem = wrong(box, reference, mode)
            if problem:
                return f"{mode}: {problem}"
        box.remove()
    return None


def one_letter(box, name):
    path = box.dir / name
    data = path.read_bytes().replace(b"first\0", b"thirs\0")
    was = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def swap_needed(path, *names):
    """Two DT_NEEDED change places: other definitions win."""
    elf = Elf(path.read_bytes())
    strings = elf.table("DT_STRTAB")
    at = elf.segment(PT_DYNAMIC, 0, "p_offset")
    entries = [e for e in range(at, at + elf.segment(PT_DYNAMIC, 0, "p_filesz"), 16)
               if elf.get(e, "Q") == 1 and
               elf.data[strings + elf.get(e + 8, "Q"):].split(b"\0", 1)[0].decode() in names]
    a, b = (elf.get(e + 8, "Q") for e in entries)
    for entry, value in zip(entries, (b, a)):
        elf.put(entry + 8, "Q", value)
    path.write_bytes(elf.data)


@trial
def library_written_during_a_record(parent):
    return during_a_record(parent, "lib/libdata.so", lambda box: one_letter(box, "lib/libdata.so"))


@trial
def library_replaced_during_a_record(parent):
    def act(box):
        shutil.copy(box.dir / "other/libdata.so", box.dir / "new")
        (box.dir / "new").rename(box.dir / "lib/libdata.so")

    return during_a_record(parent, "lib/libdata.so", act)


@trial
def library_appears_during_a_record(parent):
    return during_a_record(parent, "early/libdata.so",
                           lambda box: shutil.copy(box.dir / "other/libdata.so", box.dir / "early"))


@trial
def program_replaced_during_a_record(parent):
    """Its file had been opened, another one has its name when the plan is written."""
    def act(box):
        set_interp(box.made / "bin/prog", box.dir / "new", box.dir / "myld.so")
        swap_needed(box.dir / "new", "libdata.so", "libstrong.so")
        (box.dir / "new").rename(box.program)

    return during_a_record(parent, "bin/prog", act, "command")


# ---- Users, boots, processors ----

@trial
def set_uid(parent):
    """Neither a user's directory nor root's own is of any use to a set-uid program; nothing is left either."""
    needs_root()
    folder = TRUSTED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    try:
        if os.statvfs(folder).f_flag & os.ST_NOSUID:
            raise Unavailable(f"{folder} is mounted nosuid")
        box = Box(folder, program="trusted")
        box.dir.chmod(0o755)
        shutil.copytree(box.dir / "lib", folder / "lib")
        shutil.copy(box.dir / "other/libthrough.so", folder / "lib")
        reference = box.reference()
        box.dump.unlink()
        os.chown(box.cache, NOBODY, NOBODY)
        box.cache.parent.chmod(0o755)
        box.more = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        box.dump.parent.chmod(0o777)
        problem = box.prime("bindings")
        if problem:
            return f"without the bit: {problem}"
        left = sorted(box.cache.iterdir())
        box.program.chmod(0o4755)
        for owner in (NOBODY, 0):
            os.chown(box.cache, owner, owner)
            for mode in ("bindings", "snapshot", "snapshot"):
                problem = wrong(box, reference, mode, "cold")
                if problem:
                    return f"directory of user {owner}: {problem}"
        return None if sorted(box.cache.iterdir()) == left else "a set-uid start left something"
    finally:
        shutil.rmtree(folder)


@trial
def another_boot(parent):
    """A time namespace in which the machine has just been booted: the pages are of no use, new ones, for
    another base, are made, and those are used."""
    needs_root()
    box, reference = primed(parent)
    old = file_of(box, ".pages").name
    time.sleep(1.2)
    with open("/proc/uptime", encoding="ascii") as f:
        uptime = int(float(f.read().split()[0]))
    box.front = ["/usr/bin/unshare", "--time", "--boottime", str(-uptime)]
    if subprocess.run([*box.front, "/bin/true"], stderr=subprocess.DEVNULL, check=False).returncode:
        raise Unavailable("no time namespaces here")
    problem = wrong(box, reference, "bindings", "bindings") or wrong(box, reference, "snapshot", "cold")
    if problem:
        return problem
    if file_of(box, ".pages").name == old:
        return "the pages of the boot before are still there"
    box.front = []
    return wrong(box, reference, "snapshot", "snapshot")


@trial
def without_randomization(parent):
    """Addresses that are no secret are not made everybody's; there are bindings then, again and again."""
    box = Box(parent)
    reference = box.reference()
    box.front = ["/usr/bin/setarch", "-R"]
    for how in ("cold", "bindings", "bindings"):
        problem = wrong(box, reference, "snapshot", how)
        if problem:
            return problem
    box.front = []
    return wrong(box, reference, "snapshot", "cold") or wrong(box, reference, "snapshot", "snapshot")


@trial
def another_processor(parent):
    """What IFUNCs came to on one is not for another one; nor are a processor's libraries."""
    if not shutil.which("qemu-x86_64"):
        raise Unavailable("qemu-x86_64 is not installed")
    box = Box(parent, way="command")
    for level in "234":
        (box.dir / f"lib/glibc-hwcaps/x86-64-v{level}").mkdir(parents=True)
        shutil.copy(box.dir / "other/libweak.so", box.dir / f"lib/glibc-hwcaps/x86-64-v{level}")
    box.settle()
    seen = set()
    for model in ("max", "Nehalem", "max", "qemu64", "Haswell"):
        box.front = ["qemu-x86_64", "-cpu", model]
        reference = box.reference()
        if reference.first.status != "exit 0":
            raise Unavailable(f"qemu-x86_64 -cpu {model}: {reference.first.stderr}")
        seen.add(reference.first.lines)
        for _ in range(3):
            for mode in ("bindings", "snapshot"):
                problem = wrong(box, reference, mode)
                if problem:
                    return f"{model}: {problem}"
    return None if len(seen) > 2 else "no two processors differ: this tests nothing"


# ---- The system's files ----

def over_etc(box):
    """The box's own /etc, in a mount namespace for each start."""
    needs_root()
    (box.dir / "etc").mkdir()
    box.front = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c",
                 'mount --bind "$1" /etc || exit 125; shift; exec "$@"', "sh", str(box.dir / "etc")]


def each_step(box, steps):
    """Behind each step starts come to what cold ones come to; the first of them goes by no plan."""
    for mode in ("bindings", "snapshot"):
        for name, step in steps:
            problem = box.prime(mode)
            if problem:
                return f"before {name}: {problem}"
            step()
            box.settle()
            reference = box.reference()
            problem = wrong(box, reference, mode, "cold") or wrong(box, reference, mode)
            if problem:
                return f"{name}: {problem}"
    return None


@trial
def preload_file(parent):
    box = Box(parent)
    over_etc(box)
    path = box.dir / "etc/ld.so.preload"
    return each_step(box, [
        ("it appears", lambda: path.write_text(f"{box.dir}/other/libinterposer.so\n")),
        ("it changes", lambda: path.write_text(f"# nothing\n{box.dir}/other/libweak.so\n")),
        ("it goes", path.unlink)])


def ldconfig(box, *folders):
    (box.dir / "conf").write_text("".join(f"{box.dir / f}\n" for f in folders))
    subprocess.run(["/sbin/ldconfig", "-X", "-C", box.dir / "etc/ld.so.cache", "-f", box.dir / "conf"],
                   check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@trial
def list_of_ldconfig(parent):
    """Libraries that are found by ld.so.cache alone."""
    box = Box(parent)
    over_etc(box)
    (box.dir / "cached").mkdir()
    (box.dir / "lib/libweak.so").rename(box.dir / "cached/libweak.so")
    ldconfig(box, "cached")
    cache = box.dir / "etc/ld.so.cache"

    def truncate():
        good = cache.read_bytes()
        cache.write_bytes(good[:60])
        shutil.copy(box.dir / "other/libweak.so", box.dir / "early")

    def back():
        (box.dir / "early/libweak.so").unlink()
        ldconfig(box, "cached")

    return each_step(box, [
        ("another directory", lambda: ldconfig(box, "other")),
        ("both", lambda: ldconfig(box, "cached", "other")),
        ("the same again", lambda: ldconfig(box, "cached", "other"))]) or \
        broken_list(box, truncate, back)


def broken_list(box, truncate, back):
    """One that is there and cannot be used: no plan can tell of it."""
    truncate()
    box.settle()
    reference = box.reference()
    problem = next(filter(None, (wrong(box, reference, "snapshot", "cold") for _ in range(3))), None)
    if problem:
        return f"truncated: {problem}"
    back()
    box.settle()
    return wrong(box, box.reference(), "bindings")


@trial
def without_proc(parent):
    """The program's file cannot be told without /proc: nothing is left, and nothing is said of it."""
    needs_root()
    box, _ = primed(parent)
    left = sorted(p.name for p in box.cache.iterdir())
    box.front = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", 'mount -t tmpfs x /proc && exec "$@"', "sh"]
    reference = box.reference()
    for mode in ("bindings", "snapshot", "snapshot"):
        problem = wrong(box, reference, mode)
        if problem:
            return problem
    return None if sorted(p.name for p in box.cache.iterdir()) == left else "a start left something"


@trial
def another_root(parent):
    """The same paths in another root are other files."""
    needs_root()
    box, _ = primed(parent)
    other = box.dir / "root"
    other.mkdir()
    script = ('for d in usr lib lib64 bin etc proc work; do [ -e /$d ] || continue; mkdir -p "$1/$d"; '
              'mount --rbind /$d "$1/$d" || exit 125; done; mkdir -p "$1$2"; mount --bind "$3" "$1$2" || exit 125; '
              'r=$1; shift 3; exec /usr/sbin/chroot "$r" "$@"')
    second = Box(parent)
    shutil.copy(second.dir / "other/libweak.so", second.dir / "lib")
    for name in ("cache", "dumps"):
        shutil.rmtree(second.dir / name)
        (second.dir / name).symlink_to(box.dir.parent / f"{box.dir.name}-{name}")
        shutil.copytree(box.dir / name, box.dir.parent / f"{box.dir.name}-{name}", copy_function=os.link)
    set_interp(box.made / "bin/prog", second.program, box.dir / "myld.so")
    box.cache = box.dir.parent / f"{box.dir.name}-cache/myld"
    box.dump = box.dir.parent / f"{box.dir.name}-dumps/dump"
    box.front = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh", str(other), str(box.dir),
                 str(second.dir)]
    box.settle()
    reference = box.reference()
    if reference.first.status != "exit 0" or "other" not in reference.first.stdout:
        return f"this tests nothing: {reference.first}"
    return next(filter(None, (wrong(box, reference, m) for m in ("bindings", "snapshot") * 2)), None)


# ---- The system's store ----

IN_SYSTEM = """
mount -t tmpfs x /var/cache && mkdir /var/cache/myld && mount --bind "$1" /var/cache/myld || exit 125
[ ! -e "$2" ] || mount --bind "$2" /etc || exit 125
user=$3
shift 3
[ "$user" = 0 ] || exec setpriv --reuid=$user --regid=$user --clear-groups -- "$@"
exec "$@"
"""


def system_store(parent):
    """(box, a function that says as whom it starts from now on): there is only the system's store."""
    needs_root()
    parent = pathlib.Path(parent)
    for folder in (parent, *parent.parents):
        if folder.stat().st_mode & 0o005 != 0o005:
            raise Unavailable(f"user nobody cannot get into {folder}")
    box = Box(parent)
    box.dir.chmod(0o755)
    box.dump.parent.chmod(0o777)
    shutil.rmtree(box.cache.parent)
    store = box.dir / "system"
    store.mkdir(mode=0o755)
    box.cache = store

    def become(user):
        box.dump.unlink(missing_ok=True)
        box.front = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", IN_SYSTEM, "sh", str(store),
                     str(box.dir / "etc"), str(user)]
        box.env["XDG_CACHE_HOME"] = "/nowhere"
        return box.reference()

    return box, become


@trial
def plans_of_the_system(parent):
    """What root's starts leave serves everybody, who can leave nothing there."""
    box, become = system_store(parent)
    reference = become(0)
    problem = wrong(box, reference, "snapshot", "cold") or wrong(box, reference, "snapshot", "snapshot")
    if problem:
        return f"root: {problem}"
    left = sorted(p.name for p in box.cache.iterdir())
    reference = become(NOBODY)
    for mode in ("bindings", "snapshot"):
        start = box.run(mode)
        problem = reference.complaint(start)
        if problem:
            return f"nobody: {mode} ({start.how}): {problem}"
    shutil.copy(box.dir / "other/libweak.so", box.dir / "early")
    box.settle()
    reference = become(NOBODY)
    for mode in ("bindings", "snapshot", "snapshot"):
        problem = wrong(box, reference, mode, "cold")
        if problem:
            return f"nobody, behind a change: {problem}"
    if sorted(p.name for p in box.cache.iterdir()) != left:
        return "nobody has left something"
    return None


@trial
def plans_of_a_private_program(parent):
    """What root's start of a program that only root may read leaves tells nobody of it."""
    box, become = system_store(parent)
    for mode, hidden in ((0o755, False), (0o700, True)):
        for p in box.cache.iterdir():
            p.unlink()
        box.program.chmod(mode)
        box.settle()
        problem = wrong(box, become(0), "snapshot", "cold") or wrong(box, become(0), "snapshot", "snapshot")
        if problem:
            return f"mode {mode:o}: {problem}"
        for p in box.cache.iterdir():
            if bool(p.stat().st_mode & 0o044) == hidden:
                return f"program {mode:o}: {p.name} has mode {p.stat().st_mode & 0o777:o}"
    return None


@trial
def what_only_root_can_read(parent):
    """A list of libraries to preload that only root can read: others' starts do without, and say so."""
    box, become = system_store(parent)
    shutil.copytree("/etc", box.dir / "etc", symlinks=True, ignore_dangling_symlinks=True,
                    ignore=lambda folder, names: [n for n in names if folder != "/etc" or
                                                  n not in ("passwd", "group", "ld.so.cache")])
    (box.dir / "etc").chmod(0o755)
    path = box.dir / "etc/ld.so.preload"
    path.write_text(f"{box.dir}/other/libinterposer.so\n")
    path.chmod(0o600)
    box.settle()
    reference = become(0)
    if "interposer" not in reference.first.stdout:
        return f"this tests nothing: {reference.first}"
    for _ in range(3):
        problem = wrong(box, reference, "snapshot")
        if problem:
            return f"root: {problem}"
    reference = become(NOBODY)
    if "interposer" in reference.first.stdout or "ld.so.preload" not in reference.first.stderr:
        return f"this tests nothing: {reference.first}"
    return wrong(box, reference, "bindings") or wrong(box, reference, "snapshot")
