"""Searches that depend on the files of a whole system: ld.so.cache and ld.so.preload.

Each test makes a small root, has the system's ldconfig write its cache, and runs the same program
there, by chroot, under the system's ld.so and under the loader: outcome and output are the same.
Needs root, for chroot.
"""
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

from case import read_cases
from process import execute, text
from toolchain import BUILD, Unavailable

LIBC = "lib/libc.so.6"  # without it glibc's loader does not work
NOT_FOUND = 127


class Root:
    """A root with both loaders, the programs, and the folder /opt/x of the cache."""

    def __init__(self, case, myld):
        self.case = case
        self.path = pathlib.Path(tempfile.mkdtemp(dir=BUILD, prefix="root-"))
        oracle = case.machine.glibc_loader
        for folder in ("etc", "lib", "usr/lib", "opt"):
            (self.path / folder).mkdir(parents=True)
        shutil.copy(myld, self.path / "myld.so")
        shutil.copy(oracle, self.path / "ld.so")
        shutil.copy(pathlib.Path(oracle).resolve().parent / "libc.so.6", self.path / LIBC)
        for program in ("none", "nodeflib"):
            shutil.copy(case.dir / program, self.path)
        self.put("lib/libx.so", "opt/x/libx.so")
        (self.path / "etc/ld.so.conf").write_text("/opt/x\n")
        self.ldconfig()

    def put(self, source, target):
        (self.path / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.case.dir / source, self.path / target)

    def put_variants(self):
        for name in ("x86-64-v2", "x86-64-v3", "x86-64-v4", "mine"):
            self.put(f"lib/glibc-hwcaps/{name}/libx.so", f"opt/x/glibc-hwcaps/{name}/libx.so")

    def ldconfig(self, *options):
        subprocess.run(["/sbin/ldconfig", "-X", "-r", self.path, *options], check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    @property
    def cache(self):
        return self.path / "etc/ld.so.cache"

    def run(self, loader, program, options, preload):
        def enter():
            os.chroot(self.path)
            os.chdir("/")

        env = {"PATH": "/"}
        if preload:
            env["LD_PRELOAD"] = ":".join(preload)
        return execute([f"/{loader}", *options, f"/{program}"], env=env, cwd="/",
                       executable=f"/{loader}", preexec_fn=enter)

    def compare(self, program="none", options=(), preload=(), status=0, says=None):
        """None, or how the loader differs from the system's; says: what both must print."""
        want = self.run("ld.so", program, options, [*preload, f"/{LIBC}"])
        got = self.run("myld.so", program, options, preload)
        if want.status != status or (says is not None and says not in text(want.stdout)):
            return "the system's ld.so does not do what the test is about: " + \
                f"{want.how()}\n{text(want.stdout)}{text(want.stderr)}"
        if (got.status, got.stdout) != (want.status, want.stdout):
            return f"{program} {' '.join(options)}: {got.how()}, expected {want.how()}\n" \
                f"{text(got.stdout)}{text(got.stderr)}expected:\n{text(want.stdout)}"
        return None


def found_by_cache(root):
    return root.compare(says="plain")


def found_by_older_cache(root):
    """The format of before glibc 2.2 with today's behind it, which ldconfig wrote until 2.32."""
    root.ldconfig("-c", "compat")
    if not root.cache.read_bytes().startswith(b"ld.so-1.7.0"):
        return "ldconfig -c compat wrote something else"
    return root.compare(says="plain")


def cache_inhibited(root):
    return root.compare(options=["--inhibit-cache"], status=NOT_FOUND)


def path_of_cache_gone(root):
    root.put("few/glibc-hwcaps/x86-64-v2/libx.so", "usr/lib/libx.so")
    (root.path / "opt/x/libx.so").unlink()
    return root.compare(says="few")


def variants(root):
    root.put_variants()
    root.ldconfig()
    return root.compare() or \
        root.compare(options=["--glibc-hwcaps-prepend", "absent:mine"], says="mine") or \
        root.compare(options=["--glibc-hwcaps-mask", "x86-64-v2"]) or \
        root.compare(options=["--glibc-hwcaps-mask", "none"], says="plain")


def variants_of_default_directories(root):
    root.put_variants()
    shutil.move(root.path / "opt/x/glibc-hwcaps", root.path / "usr/lib")
    root.put("lib/libx.so", "usr/lib/libx.so")
    return root.compare(options=["--inhibit-cache"]) or \
        root.compare(options=["--inhibit-cache", "--glibc-hwcaps-mask", "none"], says="plain")


def no_default_directories(root):
    """DF_1_NODEFLIB: what the cache has counts, unless it lies in a default directory."""
    problem = root.compare("nodeflib", says="plain")
    shutil.move(root.path / "opt/x/libx.so", root.path / "usr/lib/libx.so")
    root.ldconfig()
    return problem or root.compare(says="plain") or root.compare("nodeflib", status=NOT_FOUND)


def broken_caches(root):
    """They are passed over; the library is in a default directory too."""
    good = root.cache.read_bytes()
    root.put("few/glibc-hwcaps/x86-64-v2/libx.so", "usr/lib/libx.so")
    problem = root.compare(says="plain")
    for size in (0, 1, 20, 47, 48, 60, 100):
        root.cache.write_bytes(good[:size])
        problem = problem or root.compare(says="few")
    for offset, value in ((0, b"G"), (17, b"2"), (28, b"\3"), (20, b"\xff\xff\xff\xff")):
        root.cache.write_bytes(good[:offset] + value + good[offset + len(value):])
        problem = problem or root.compare(says="few")
    root.cache.unlink()
    root.cache.mkdir()
    return problem or root.compare(says="few")


def preload_file(root):
    for name in ("first", "second", "third"):
        root.put(f"first/lib{name}.so", f"opt/x/lib{name}.so")
    root.ldconfig()
    (root.path / "etc/ld.so.preload").write_text(
        "# system-wide\n\tlibthird.so # libfirst.so\n/opt/x/libsecond.so:libabsent.so\n")
    return root.compare(says="ld.so.preload") or \
        root.compare(options=["--preload", "libsecond.so"], says="--preload") or \
        root.compare(options=["--preload", "libsecond.so"], preload=["libfirst.so"],
                     says="LD_PRELOAD")


TESTS = (found_by_cache, found_by_older_cache, cache_inhibited, path_of_cache_gone, variants,
         variants_of_default_directories, no_default_directories, broken_caches, preload_file)


def in_a_root(test, case, suite):
    if os.geteuid() != 0:
        raise Unavailable("only root can change its root")
    root = Root(case, suite.myld(case.machine))
    try:
        return test(root)
    finally:
        shutil.rmtree(root.path)


def checks(suite, machines):
    if suite.options.oracle:
        return []
    found = []
    for case in read_cases([m for m in machines if m == "x86_64"], "search-hwcaps"):
        if not case.machine.native:
            continue
        try:
            suite.build(case)
        except RuntimeError:
            continue  # the case itself says so
        found += [(f"search/{test.__name__} [{case.machine.name}]",
                   functools.partial(in_a_root, test, case, suite)) for test in TESTS]
    return found
