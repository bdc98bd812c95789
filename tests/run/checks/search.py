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

from case import read_cases, set_interp
from process import execute, text
from toolchain import BUILD, Unavailable

FIXTURE = "search-hwcaps"

LIBC = "lib/libc.so.6"  # without it glibc's loader does not work
NOT_FOUND = 127
NOBODY = 65534


class Root:
    """A root with both loaders, the programs, and the folder /opt/x of the cache."""

    def __init__(self, case, myld):
        self.case = case
        self.path = pathlib.Path(tempfile.mkdtemp(dir=BUILD, prefix="root-"))
        self.path.chmod(0o755)
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

    def run_as_nobody(self, loader, program, mode, env):
        """The program with that loader as its interpreter and that mode, which may be set-uid."""
        def enter():
            os.chroot(self.path)
            os.chdir("/")
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

        path = self.path / program
        path.parent.mkdir(parents=True, exist_ok=True)
        set_interp(self.case.dir / path.name, path, f"/{loader}")
        path.chmod(mode)
        if os.statvfs(path).f_flag & os.ST_NOSUID:
            raise Unavailable(f"{path} is mounted nosuid")
        if loader == "ld.so":
            env = {**env, "LD_PRELOAD": "libc.so.6:" + env.get("LD_PRELOAD", "")}
        return execute([f"/{program}"], env=env, cwd="/", executable=f"/{program}",
                       preexec_fn=enter)

    def compare_as_nobody(self, program, mode, env, status=0, says="",
                          loaders=("ld.so", "myld.so")):
        for name in loaders:
            outcome = self.run_as_nobody(name, program, mode, env)
            if outcome.status != status or says not in text(outcome.stdout):
                return f"{name}: {program} {mode:o} {env}: {outcome.how()}, expected " + \
                    f"{status} and {says}\n{text(outcome.stdout)}{text(outcome.stderr)}"
        return None

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


def secure_preload(root):
    """A set-uid program: only a set-uid library of a default directory may be preloaded, by name."""
    (root.path / LIBC).chmod(0o4755)
    root.put("first/libfirst.so", "usr/lib/libfirst.so")
    root.put("first/libsecond.so", "opt/x/libsecond.so")
    root.put("few/glibc-hwcaps/x86-64-v2/libx.so", "evil/libx.so")
    root.ldconfig()
    for name in ("usr/lib/libfirst.so", "opt/x/libsecond.so"):
        (root.path / name).chmod(0o4755)
    tests = [
        (0o755, {"LD_PRELOAD": "/opt/x/libsecond.so"}, "plain, first is --preload"),
        (0o755, {"LD_LIBRARY_PATH": "/evil"}, "few"),
        (0o4755, {"LD_PRELOAD": "libfirst.so"}, "plain, first is LD_PRELOAD"),
        (0o4755, {"LD_PRELOAD": "/usr/lib/libfirst.so"}, "plain, first is nobody"),
        (0o4755, {"LD_PRELOAD": "libsecond.so"}, "plain, first is nobody"),
        (0o4755, {"LD_LIBRARY_PATH": "/evil", "LD_ORIGIN_PATH": "/evil"}, "plain"),
    ]
    problems = [root.compare_as_nobody("none", mode, env, says=says) for mode, env, says in tests]
    (root.path / "usr/lib/libfirst.so").chmod(0o755)
    problems.append(root.compare_as_nobody("none", 0o4755, {"LD_PRELOAD": "libfirst.so"},
                                           says="first is nobody"))
    return "\n".join(filter(None, problems)) or None


def secure_origin(root):
    """$ORIGIN of a set-uid program may lead to a default directory and nowhere else.  The system's
    ld.so does not know $ORIGIN here: there is no /proc."""
    (root.path / "opt/x/libx.so").unlink()
    root.ldconfig()
    root.put("lib/libx.so", "usr/lib/x/libx.so")
    root.put("few/glibc-hwcaps/x86-64-v2/libx.so", "home/lib/x/libx.so")
    tests = [("usr/bin/origin", 0o4755, 0, "plain"), ("home/bin/origin", 0o755, 0, "few"),
             ("home/bin/origin", 0o4755, NOT_FOUND, "")]
    problems = [root.compare_as_nobody(program, mode, {}, status, says, ["myld.so"])
                for program, mode, status, says in tests]
    return "\n".join(filter(None, problems)) or None


TESTS = (found_by_cache, found_by_older_cache, cache_inhibited, path_of_cache_gone, variants,
         variants_of_default_directories, no_default_directories, broken_caches, preload_file,
         secure_preload, secure_origin)


# $PLATFORM, which depends on the processor and on a tunable that may hide features of it.
PLATFORMS = {"haswell": "x86-64-v3", "x86_64": "x86-64-v2", "xeon_phi": "x86-64-v4"}
PROCESSORS = ("Haswell", "Nehalem")
HIDDEN = ("", "glibc.cpu.hwcaps=-AVX2", "glibc.cpu.hwcaps=-BMI1,-Unknown", "glibc.malloc.check=1:glibc.cpu.hwcaps=-FMA")


def platform(suite, case):
    """Which library --library-path .../$PLATFORM finds on an emulated processor."""
    loaders = [case.machine.glibc_loader, suite.myld(case.machine)]
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="platform-") as folder:
        for name, variant in PLATFORMS.items():
            target = pathlib.Path(folder, name, "libx.so")
            target.parent.mkdir()
            shutil.copy(case.dir / f"lib/glibc-hwcaps/{variant}/libx.so", target)
        found = []
        for loader in loaders:
            run = [execute(["qemu-x86_64", "-cpu", processor, str(loader), "--library-path", f"{folder}/$PLATFORM",
                            "--preload", "libc.so.6", str(case.dir / "none")],
                           env={"GLIBC_TUNABLES": hidden, "MYLD_CACHE": "off"}, cwd=folder)
                   for processor in PROCESSORS for hidden in HIDDEN]
            found.append([(outcome.status, text(outcome.stdout)) for outcome in run])
    if len(set(found[0])) < 2:
        return f"the system's ld.so does not tell the processors apart: {found[0]}"
    return None if found[0] == found[1] else f"ld.so: {found[0]}\nmyld.so: {found[1]}"


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
    for case in read_cases([m for m in machines if m == "x86_64"], FIXTURE):
        if not case.machine.native:
            continue
        try:
            suite.build(case)
        except RuntimeError:
            continue  # the case itself says so
        found += [(f"search/{test.__name__} [{case.machine.name}]",
                   functools.partial(in_a_root, test, case, suite)) for test in TESTS]
        found.append((f"search/platform [{case.machine.name}]", functools.partial(platform, suite, case)))
    return found
