#!/usr/bin/env python3
"""What earlier starts have left never changes which file is loaded or which definition wins.

A program with libraries of every kind is started until a start goes by what others have left, then
one thing in its world changes, and the next starts must come to just what a cold start of the
changed world comes to: every object, every word of their data, and what the program says.

    start.py [--filter TEXT] [--random N] [--seed S] [--controls] [-j N] [-v]

--random: so many random sequences of changes as well.  --controls: tests the test: loaders that do
not look at one fact each, of which every one has to be caught.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from box import BUILD, Box, make  # noqa: E402 (the library's folder is named just above)
from case import set_interp  # noqa: E402
from controls import CONTROLS, loader  # noqa: E402
from elf import PT_LOAD, Elf  # noqa: E402
from selection import choose  # noqa: E402
from toolchain import Unavailable  # noqa: E402
from trials import TRIALS  # noqa: E402

MODES = ("bindings", "snapshot")
WAYS = ("interp", "command")
LIBCS = {"glibc": [(mode, way) for way in WAYS for mode in MODES],
         "musl": [("snapshot", "interp"), ("bindings", "command")]}
CHANGES = {}  # name: (function, options)


def change(**options):
    """options: misses (whether the first start behind it goes by nothing that is left; None: it may), setup (a function before the first start), modes, libcs, never (modes in
    which no start may go by a plan at all)."""
    def add(function):
        CHANGES[function.__name__.replace("_", "-")] = (function, {"misses": True, **options})
        return function
    return add


# ---- Libraries ----

def rename_over(box, name, new):
    """Another file under the name."""
    target = box.dir / name
    shutil.copy(new, box.dir / "new")
    (box.dir / "new").rename(target)


@change()
def replaced(box):
    rename_over(box, "lib/libdata.so", box.dir / "other/libdata.so")


@change()
def written_in_place(box):
    (box.dir / "lib/libdata.so").write_bytes((box.dir / "other/libdata.so").read_bytes())


def one_byte(box, name):
    """The library with another letter in one of its strings, and nothing else."""
    data = (box.dir / name).read_bytes()
    assert data.count(b"first\0") == 1, name
    return data.replace(b"first\0", b"thirs\0")


@change()
def written_with_the_same_size_and_mtime(box):
    path = box.dir / "lib/libdata.so"
    was = path.stat()
    path.write_bytes(one_byte(box, "lib/libdata.so"))
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


@change()
def replaced_with_the_same_size_and_mtime(box):
    path = box.dir / "lib/libdata.so"
    was = path.stat()
    (box.dir / "new").write_bytes(one_byte(box, "lib/libdata.so"))
    os.utime(box.dir / "new", ns=(was.st_atime_ns, was.st_mtime_ns))
    (box.dir / "new").rename(path)


@change()
def touched(box):
    (box.dir / "lib/libtls.so").touch()


@change()
def mode_changed(box):
    (box.dir / "lib/libtls.so").chmod(0o500)


@change()
def removed(box):
    (box.dir / "lib/libthrough.so").unlink()


@change()
def truncated(box):
    os.truncate(box.dir / "lib/libone.so", 100)


def put(box, name, source="other/libweak.so"):
    (box.dir / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(box.dir / source, box.dir / name)


@change()
def earlier_in_the_runpath(box):
    put(box, "early/libweak.so")


@change()
def directory_of_the_runpath_appears(box):
    put(box, "none/libweak.so")


@change(misses=None)
def empty_directory_of_the_runpath_appears(box):
    (box.dir / "none").mkdir()


@change(libcs=["glibc"])
def hwcaps_directory_appears(box):
    for level in "234":
        put(box, f"lib/glibc-hwcaps/x86-64-v{level}/libweak.so")


def with_hwcaps(box):
    (box.dir / "lib/glibc-hwcaps/x86-64-v2").mkdir(parents=True)


@change(setup=with_hwcaps, libcs=["glibc"])
def library_in_a_hwcaps_directory_appears(box):
    put(box, "lib/glibc-hwcaps/x86-64-v2/libweak.so")


@change()
def rpath_of_a_library(box):
    put(box, "lib/sub/libsub.so", "other/libsub.so")


@change(misses=None)
def something_else_appears(box):
    (box.dir / "early/other").touch()
    (box.dir / "lib/other").touch()


@change()
def becomes_a_directory(box):
    (box.dir / "lib/libweak.so").unlink()
    (box.dir / "lib/libweak.so").mkdir()


def wrong_file_first(box):
    (box.dir / "early/libweak.so").write_bytes(b"\x7fELF\x01" + bytes(100))


@change(setup=wrong_file_first, libcs=["glibc"])
def skipped_file_becomes_good(box):
    put(box, "early/libweak.so")


# ---- Symbolic links ----

def with_a_relocation_of_bss(box):
    """The last RELATIVE relocation of a library is for a word that no page of the file holds."""
    path = box.dir / "lib/libdata.so"
    elf = Elf(path.read_bytes())
    data = elf.segments(PT_LOAD)[-1]
    end = elf.get(data + 16, "Q") + elf.get(data + 40, "Q")
    at = elf.file_offset(elf.dynamic("DT_RELA"))
    last = max(i for i in range(elf.dynamic("DT_RELASZ") // 24) if elf.get(at + 24 * i + 8, "Q") == 8)
    elf.put(at + 24 * last, "Q", (end - 64) & -8)
    path.write_bytes(elf.data)


@change(setup=with_a_relocation_of_bss, never=("snapshot",))
def relocation_of_bss(box):
    box.env["LD_LIBRARY_PATH"] = "/nowhere"


def linked_library(box):
    (box.dir / "lib/libweak.so").rename(box.dir / "lib/libweak.so.1")
    (box.dir / "lib/libweak.so").symlink_to("libweak.so.1")


@change(setup=linked_library)
def link_switched(box):
    (box.dir / "lib/libweak.so").unlink()
    (box.dir / "lib/libweak.so").symlink_to("../other/libweak.so")


def linked_directory(box):
    shutil.copytree(box.dir / "lib", box.dir / "lib2")
    (box.dir / "early").rmdir()
    (box.dir / "early").symlink_to("lib")


@change(setup=linked_directory)
def link_to_a_directory_switched(box):
    shutil.copy(box.dir / "other/libweak.so", box.dir / "lib2")
    (box.dir / "early").unlink()
    (box.dir / "early").symlink_to("lib2")


def dangling(box):
    (box.dir / "early/libweak.so").symlink_to(box.dir / "other/later.so")


@change(setup=dangling)
def dangling_link_leads_somewhere(box):
    put(box, "other/later.so")


# ---- The environment and the options ----

def interposer(box):
    return str(box.dir / "other/libinterposer.so")


@change()
def ld_preload(box):
    box.env["LD_PRELOAD"] = interposer(box)


def preloading(box):
    box.env["LD_PRELOAD"] = interposer(box)


@change(setup=preloading)
def no_ld_preload(box):
    del box.env["LD_PRELOAD"]


@change(setup=preloading)
def preloaded_library_replaced(box):
    rename_over(box, "other/libinterposer.so", box.dir / "other/libdata.so")


@change(setup=lambda box: box.env.update(LD_PRELOAD=str(box.dir / "later.so")), never=MODES)
def preloaded_library_is_missing(box):
    """Each start says so: there is nothing to remember."""


@change()
def preload_option(box):
    box.way, box.options = "command", ["--preload", interposer(box)]


@change()
def ld_library_path(box):
    box.env["LD_LIBRARY_PATH"] = str(box.dir / "other")


def with_library_path(box):
    box.env["LD_LIBRARY_PATH"] = f"{box.dir}/none:{box.dir}/early"


@change(setup=with_library_path)
def earlier_in_ld_library_path(box):
    put(box, "early/libweak.so")


@change(setup=with_library_path)
def directory_of_ld_library_path_appears(box):
    put(box, "none/libweak.so")


@change(setup=with_library_path)
def order_in_ld_library_path(box):
    put(box, "early/libweak.so")
    box.env["LD_LIBRARY_PATH"] = f"{box.dir}/other:{box.dir}/early"


def relative_path(box):
    box.env["LD_LIBRARY_PATH"] = "early"
    box.cwd = box.dir


@change(setup=relative_path, never=MODES)
def relative_ld_library_path(box):
    put(box, "elsewhere/early/libweak.so")
    box.cwd = box.dir / "elsewhere"


@change()
def library_path_option(box):
    box.way, box.options = "command", ["--library-path", str(box.dir / "other")]


@change()
def a_line_feed_in_a_variable(box):
    box.env["LD_LIBRARY_PATH"] = f"{box.dir}/none\npreload={interposer(box)}"


@change()
def ld_bind_now(box):
    box.env["LD_BIND_NOW"] = "1"


@change()
def ld_dynamic_weak(box):
    box.env["LD_DYNAMIC_WEAK"] = "1"


@change(setup=lambda box: box.env.update(LD_DYNAMIC_WEAK="1"), never=MODES)
def with_ld_dynamic_weak(box):
    del box.env["LD_DYNAMIC_WEAK"]


@change(misses=None)
def ld_hwcap_mask(box):
    box.env["LD_HWCAP_MASK"] = "0"


@change()
def tunables(box):
    box.env["GLIBC_TUNABLES"] = "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-ERMS,-BMI2,-AVX"


@change()
def ld_origin_path(box):
    box.env["LD_ORIGIN_PATH"] = "/"


@change(setup=lambda box: setattr(box, "way", "command"))
def inhibit_rpath_option(box):
    box.options = ["--inhibit-rpath", str(box.program)]


def with_variants(box):
    box.way = "command"
    for level in "234":
        put(box, f"lib/glibc-hwcaps/x86-64-v{level}/libweak.so")


@change(setup=with_variants, libcs=["glibc"])
def hwcaps_mask_option(box):
    box.options = ["--glibc-hwcaps-mask", "none"]


@change(setup=with_variants, libcs=["glibc"])
def hwcaps_prepend_option(box):
    put(box, "lib/glibc-hwcaps/mine/libdata.so", "other/libdata.so")
    box.options = ["--glibc-hwcaps-prepend", "mine"]


@change(setup=lambda box: setattr(box, "way", "command"), misses=None)
def argv0_option(box):
    box.options = ["--argv0", "another"]


@change(misses=None)
def run_as_a_command(box):
    """One plan is for both ways."""
    box.way = "interp" if box.way == "command" else "command"


# ---- The program ----

@change()
def program_replaced(box):
    set_interp(box.made / "bin/prog", box.dir / "new", box.dir / "myld.so")
    data = (box.dir / "new").read_bytes()
    (box.dir / "new").write_bytes(data.replace(b"%s, %s\n", b"%s; %s\n", 1))
    (box.dir / "new").rename(box.program)


@change()
def program_touched(box):
    box.program.touch()


@change()
def program_moved(box):
    """$ORIGIN is another directory, which has libraries too."""
    (box.dir / "second").mkdir()
    shutil.copytree(box.dir / "lib", box.dir / "second/lib")
    shutil.copy(box.dir / "other/libweak.so", box.dir / "second/lib")
    (box.dir / "second/bin").mkdir()
    box.program = box.program.rename(box.dir / "second/bin" / box.program.name)


@change()
def program_by_a_hard_link(box):
    (box.dir / "second").mkdir()
    shutil.copytree(box.dir / "lib", box.dir / "second/lib")
    shutil.copy(box.dir / "other/libweak.so", box.dir / "second/lib")
    (box.dir / "second/bin").mkdir()
    (box.dir / "second/bin/prog").hardlink_to(box.program)
    box.program = box.dir / "second/bin/prog"


@change(misses=None)
def program_by_a_symbolic_link(box):
    """The kernel tells the file itself; as a command the link's directory is $ORIGIN."""
    (box.dir / "second").mkdir()
    (box.dir / "second/prog").symlink_to(box.program)
    box.name = box.dir / "second/prog"


def by_a_relative_name(box):
    box.name, box.cwd = "bin/prog", box.dir


@change(setup=by_a_relative_name)
def directory_changed(box):
    """The same name means another program."""
    for name in ("bin", "lib"):
        shutil.copytree(box.dir / name, box.dir / "second" / name)
    shutil.copy(box.dir / "other/libweak.so", box.dir / "second/lib")
    box.cwd = box.dir / "second"


# ---- The loader, the processor, the directory of plans ----

@change()
def another_build_of_the_loader(box):
    """Of the same code: what tells builds apart is the note that the linker wrote."""
    data = bytearray((box.dir / "myld.so").read_bytes())
    at = data.index(b"\4\0\0\0\x14\0\0\0\3\0\0\0GNU\0") + 16
    data[at] ^= 1
    (box.dir / "new").write_bytes(data)
    (box.dir / "new").chmod(0o755)
    (box.dir / "new").rename(box.dir / "myld.so")


def plan_of(box):
    return next(p for p in box.cache.iterdir() if p.suffix == ".plan")


@change()
def plan_removed(box):
    plan_of(box).unlink()


@change()
def plan_readable_by_all(box):
    plan_of(box).chmod(0o666)


@change()
def plan_is_a_link(box):
    plan = plan_of(box)
    plan.rename(box.dir / "plan")
    plan.symlink_to(box.dir / "plan")


@change()
def plan_is_a_directory(box):
    plan = plan_of(box)
    plan.unlink()
    plan.mkdir()


@change()
def plan_is_a_pipe(box):
    plan = plan_of(box)
    plan.unlink()
    os.mkfifo(plan)


@change()
def plan_of_another_program(box):
    """Found under the name that this program's has."""
    plan = plan_of(box)
    name = plan.name
    plan.unlink()
    other = box.env.pop("OTHER", None)
    assert other is None
    box.env["LD_BIND_NOW"] = "1"
    box.run("bindings")
    del box.env["LD_BIND_NOW"]
    plan_of(box).rename(box.cache / name)


@change()
def directory_writable_by_all(box):
    box.cache.chmod(0o777)


@change()
def directory_readable_by_the_group(box):
    box.cache.chmod(0o750)


@change()
def directory_is_a_link(box):
    """To one that is good, but it could be to any."""
    box.cache.rename(box.dir / "elsewhere")
    box.cache.symlink_to(box.dir / "elsewhere")


@change()
def directory_is_gone(box):
    shutil.rmtree(box.cache)


@change()
def directory_is_a_file(box):
    shutil.rmtree(box.cache)
    box.cache.write_text("")


def as_root():
    if os.geteuid() != 0:
        raise Unavailable("only root can give a file away")


@change()
def directory_of_another_user(box):
    as_root()
    os.chown(box.cache, 65534, 65534)


@change()
def plan_of_another_user(box):
    as_root()
    os.chown(plan_of(box), 65534, 65534)


def pages_of(box):
    return next((p for p in box.cache.iterdir() if p.suffix == ".pages"), None)


@change(modes=("snapshot",))
def a_bit_of_the_pages_flipped(box):
    """No sum is over them: who writes to them changes the time of the change."""
    path = pages_of(box)
    data = bytearray(path.read_bytes())
    was = path.stat()
    data[len(data) // 2] ^= 4
    with open(path, "r+b") as f:
        f.write(data)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


@change(modes=("snapshot",), misses=None)
def pages_removed(box):
    pages_of(box).unlink()


@change(modes=("snapshot",), misses=None)
def pages_replaced_by_a_copy(box):
    path = pages_of(box)
    shutil.copy2(path, box.dir / "pages")
    (box.dir / "pages").rename(path)


@change(misses=None)
def started_in_the_other_mode(box):
    box.env["OTHER_MODE"] = "1"


# ---- The machine ----

class Result:
    def __init__(self, verbose):
        self.verbose, self.counts, self.hits = verbose, {"passed": 0, "failed": 0, "skipped": 0}, {}

    def add(self, status, label, detail=""):
        self.counts[status] += 1
        if status != "passed" or self.verbose:
            print(f"{status.upper():7} {label}", flush=True)
            for line in str(detail).splitlines()[:24]:
                print(f"        {line}")


def starts(box, mode, misses, reference):
    """What is wrong with the starts behind a change."""
    first = box.run(mode)
    problem = reference.complaint(first)
    if problem:
        return f"{mode}, the first start behind the change ({first.how}):\n{problem}"
    if misses and first.how != "cold":
        return f"{mode}: the first start behind the change still went by a plan ({first.how})"
    box.settle()
    for i in range(2):
        again = box.run(mode)
        problem = reference.complaint(again)
        if problem:
            return f"{mode}, start {i + 2} behind the change ({again.how}):\n{problem}"
    return None


def try_change(parent, name, mode, way, libc):
    """None, or what is wrong."""
    function, options = CHANGES[name]
    box = Box(parent, way=way, libc=libc)
    try:
        if "setup" in options:
            options["setup"](box)
            box.settle()
        if mode in options.get("never", ()):
            for _ in range(3):
                start = box.run(mode)
                if start.how != "cold":
                    return f"{mode}: a start that no plan can tell of goes by one"
        elif box.prime(mode):
            return box.prime(mode)
        function(box)
        box.settle()
        if box.env.pop("OTHER_MODE", None):
            mode = MODES[1 - MODES.index(mode)]
        return starts(box, mode, options["misses"], box.reference())
    finally:
        box.remove()


def attempt(result, label, function, *arguments):
    try:
        problem = function(*arguments)
    except Unavailable as reason:
        return result.add("skipped", label, reason)
    except Exception:
        problem = traceback.format_exc()
    return result.add("failed" if problem else "passed", label, problem or "")


def jobs_of(options):
    jobs = []
    for name, (_, o) in CHANGES.items():
        for libc in o.get("libcs", LIBCS):
            jobs += [(f"cache/{name} [{libc} {mode} {way}]", try_change, name, mode, way, libc)
                     for mode, way in LIBCS[libc] if mode in o.get("modes", MODES)]
    jobs += [(f"cache/{name}", function) for name, function in TRIALS.items()]
    jobs += [(f"cache/random {i}", random_changes, f"{options.seed}/{i}") for i in range(options.random)]
    return filtered(options, jobs, "changes and trials")


def filtered(options, jobs, what):
    return choose(jobs, lambda job: re.search(options.filter, job[0]), f"--filter {options.filter}", what)


def controls_of(options):
    """Loaders that have to be caught; and others, with which all is well."""
    jobs = [(f"control/{name}", caught, name, change[1]) for name, change in CONTROLS.items()]
    jobs += [("control/impatient", passes, "impatient", PATHS),
             ("control/impatient-directory", caught, "impatient-directory", ["earlier-in-the-runpath"]),
             ("control/impatient-link", caught, "impatient-link", ["dangling-link-leads-somewhere"])]
    return filtered(options, jobs, "controls")


# ---- Random sequences ----

def random_changes(parent, seed):
    """Several changes behind one another, each behind starts that leave plans or go by them.  Changes that
    need a world of their own, or take away what others are about, are left out."""
    rng = random.Random(seed)
    names = [n for n, (_, o) in CHANGES.items() if not o.keys() & {"setup", "never", "libcs"} and n not in ALONE]
    box = Box(parent, rng.choice(("prog", "fixed")), rng.choice(WAYS), rng.choice([*LIBCS]))
    done = []
    try:
        for _ in range(rng.randint(4, 10)):
            mode = rng.choice(MODES)
            name = rng.choice(names)
            if all(mode in CHANGES[name][1].get("modes", MODES) for mode in MODES):
                done.append(name)
                try:
                    CHANGES[name][0](box)
                except (OSError, StopIteration, AssertionError):
                    done[-1] += " (cannot be)"
            box.env.pop("OTHER_MODE", None)
            if rng.random() < 0.7:
                box.settle()
            reference = box.reference()
            for _ in range(rng.randint(1, 3)):
                start = box.run(mode)
                problem = reference.complaint(start)
                if problem:
                    return f"seed {seed}: behind {', '.join(done)}: {mode} ({start.how}):\n{problem}"
    finally:
        box.remove()
    return None


ALONE = {"removed", "truncated", "becomes-a-directory", "plan-is-a-pipe", "program-by-a-hard-link",
         "program-moved", "tunables"}


# ---- Tests of the test ----

def run_with(name, wanted):
    """Runs this with another loader: {name of a change or trial: its lines}."""
    path = loader(name)
    filters = "|".join(f"cache/{w}( |$)" for w in wanted)
    done = subprocess.run([sys.executable, __file__, "-j", "2", "--filter", filters], text=True, check=False,
                          env={**os.environ, "MYLD": str(path)}, stdout=subprocess.PIPE)
    shutil.rmtree(path.parents[2])
    return done.stdout


def caught(_, name, wanted):
    said = run_with(name, wanted)
    missed = {w for w in wanted if not re.search(f"^FAILED  cache/{w}( |$)", said, re.M)}
    if "no start goes by" in said:
        return f"nothing goes by a plan with this loader:\n{said}"
    if missed and all(re.search(f"^SKIPPED cache/{w}( |$)", said, re.M) for w in missed):
        raise Unavailable(f"what has to notice it is skipped: {', '.join(missed)}")
    return f"not caught by {missed}:\n{said}" if missed else None


def passes(_, name, wanted):
    said = run_with(name, wanted)
    return said if "FAILED" in said or " 0 failed" not in said else None


# What is to hold of directories whose times count, too.
PATHS = [n for n in CHANGES if "path" in n or "appears" in n or "link" in n or "directory" in n or
         n in ("replaced", "removed", "touched")]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filter", default="")
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--controls", action="store_true")
    parser.add_argument("-j", type=int, default=2)
    parser.add_argument("-v", "--verbose", action="store_true")
    return parser.parse_args()


def main():
    options = parse()
    result = Result(options.verbose)
    if os.uname().machine != "x86_64":
        result.add("skipped", "cache", "starts of glibc programs are remembered, on x86_64")
    else:
        make()
        with tempfile.TemporaryDirectory(dir=BUILD / "cache") as parent, \
                concurrent.futures.ThreadPoolExecutor(options.j) as pool:
            os.chmod(parent, 0o755)  # for starts of other users
            for label, function, *arguments in (controls_of if options.controls else jobs_of)(options):
                pool.submit(attempt, result, label, function, parent, *arguments)
    print("%d passed, %d failed, %d skipped" % tuple(result.counts.values()))
    return 1 if result.counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
