"""myld.so --cache: what each word of it does, to directories that each test makes for itself.

The fixture testbins/cache/cache-commands says by itself what it was started by.  Tests of the system's
directory have a /var/cache of their own in a mount namespace; those and the ones with other users
need root.
"""
import functools
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import namespace
from case import set_interp
from process import execute, text
from toolchain import Unavailable

FIXTURE = "cache-commands"

NOBODY = 65534
PLAN = "[0-9a-f]{16}\\.plan"
SYSTEM = "/var/cache/myld"
USERS = pathlib.Path("/var/tmp")  # others can look into it


def settle():
    """A file that was changed just now may change again and keep its times: no plan is made of it."""
    time.sleep(0.05)


class Ground:
    """A folder with the loader, the program and its library, and a place for a store."""

    def __init__(self, case, myld):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="myld-cache-", dir=USERS))
        self.folder.chmod(0o755)
        self.case = case
        self.myld = self.folder / "myld.so"
        self.program = self.folder / "prog"
        self.xdg = self.folder / "xdg/deeper"
        self.store = self.xdg / "myld"
        self.env = {"PATH": f"{self.folder}:/usr/bin:/bin", "XDG_CACHE_HOME": str(self.xdg)}
        shutil.copy(myld, self.myld)
        set_interp(case.dir / "prog", self.program, self.myld)
        self.put("libx.so")

    def put(self, source, target="libx.so"):
        """Puts a library in the place of another, as a package manager does."""
        new = self.folder / "new"
        shutil.copy(self.case.dir / source, new)
        new.rename(self.folder / target)
        settle()

    def run(self, *args, cwd=None, env=None, **more):
        return execute([str(a) for a in args], {**self.env, **(env or {})}, cwd or self.folder, **more)

    def cache(self, *args, **more):
        return self.run(self.myld, "--cache", *args, **more)

    def how(self, *args, **more):
        """What the program says that it was started by."""
        outcome = self.run(*(args or [self.program]), **more)
        said = text(outcome.stdout).splitlines()
        if outcome.status or len(said) != 2 or said[0] != "constructed" or outcome.stderr:
            raise AssertionError(f"{args}: {outcome.how()}\n{text(outcome.stdout + outcome.stderr)}")
        return said[1].split(", ")[1]

    def files(self, pattern="*"):
        return sorted(p.name for p in self.store.glob(pattern))


def expect(outcome, status, *patterns):
    """That it ended so and said so, on whichever stream."""
    said = text(outcome.stdout + outcome.stderr)
    for pattern in patterns:
        assert re.search(pattern, said, re.M), f"nothing matches {pattern}:\n{said}"
    assert outcome.status == status, f"{outcome.how()}, expected {status}:\n{said}"
    return said


def equal(got, want):
    assert got == want, f"got {got}, expected {want}"


def enabled(ground, *options):
    expect(ground.cache("enable", *options), 0)
    return ground


# ---- The directory ----

def nothing_unless_enabled(g):
    equal(g.how(), "cold")
    assert not g.xdg.exists(), "a start made the directory"
    expect(g.cache("list"), 0, f"^{g.store}: does not exist")


def enable(g):
    expect(g.cache("enable", umask=0), 0, f"^{g.store}: owner .*, mode 0700; created; at most 524288K$")
    for folder in (g.store, g.store.parent, g.store.parent.parent):
        equal(oct(folder.stat().st_mode & 0o7777), "0o700")
    expect(g.cache("enable"), 0, "already existed")
    equal(g.files(), [])
    equal([g.how() for _ in range(3)], ["cold", "snapshot", "snapshot"])
    equal(g.how(g.myld, g.program), "snapshot")


def enable_refuses(g):
    g.store.mkdir(parents=True)
    g.store.chmod(0o755)
    says = r"owner \d+, mode 0755: expected owner \d+ and mode 0700"
    expect(g.cache("enable"), 127, says)
    expect(g.cache("list"), 1, says)
    equal([g.how(), g.how()], ["cold", "cold"])
    g.store.rmdir()
    g.store.write_text("")
    expect(g.cache("enable"), 127, "not a directory")
    expect(g.cache("enable", env={"XDG_CACHE_HOME": f"{g.program}/x"}), 127,
           f"{g.program}/x/myld: Not a directory")
    expect(g.cache("enable", env={"XDG_CACHE_HOME": "here"}), 127,
           "neither XDG_CACHE_HOME nor HOME is an absolute path")


def no_symbolic_link(g):
    other = g.folder / "other"
    other.mkdir(mode=0o700)
    (other / "0123456789abcdef.plan").write_text("somebody's")
    g.xdg.mkdir(parents=True)
    g.store.symlink_to(other)
    for word, status in (("enable", 127), ("clear", 127), ("disable", 127), ("list", 1)):
        expect(g.cache(word), status, f"{g.store}: a symbolic link, expected a directory")
    equal([g.how(), g.how()], ["cold", "cold"])
    equal(os.listdir(other), ["0123456789abcdef.plan"])


def limit(g):
    expect(g.cache("enable", "--limit", "3M"), 0, "at most 3072K")
    equal((g.store / "limit").read_text(), "3M")
    expect(g.cache("enable"), 0, "at most 3072K")
    expect(g.cache("enable", "--limit", "much"), 127, '--limit: "much", expected')
    equal(g.how(), "cold")
    equal(len(g.files()), 3)
    expect(g.cache("enable", "--limit", "1K"), 0)
    equal(g.files(), ["limit"])
    equal(g.how(), "cold")
    equal(g.files(), ["limit"])


def disable(g):
    enabled(g, "--limit", "3M").how()
    expect(g.cache("disable"), 0, f"^{g.store}: removed with 3 files")
    assert g.xdg.exists() and not g.store.exists()
    expect(g.cache("disable"), 127, f"{g.store}: does not exist")
    enabled(g).how()
    (g.store / "thesis").write_text("mine")
    expect(g.cache("disable"), 127, "2 files removed, but not the directory: Directory not empty")
    equal(g.files(), ["thesis"])


def clear(g):
    enabled(g, "--limit", "3M").how()
    for name in ("thesis", ".new-1-0", "0123456789abcdef.plan"):
        (g.store / name).write_text("text")
        (g.store / name).chmod(0o666)
    expect(g.cache("clear"), 0, "4 files removed")
    equal(sorted(os.listdir(g.store)), ["limit", "thesis"])
    equal(g.how(), "cold")
    equal(g.how(), "snapshot")


# ---- What is in it ----

def list_plans(g):
    enabled(g)
    expect(g.cache("list"), 0, "^  0 plans; 0K of at most 512M$")
    g.how()
    row = rf"^  snapshot +3 +\d+ +\d+K +\d+K +\d s  {g.program}: "
    expect(g.cache("list"), 0, row + "valid$", "^  1 plan; ")
    expect(g.cache("list", env={"MYLD_CACHE": "off"}), 0, row + "valid$")
    next(g.store.glob("*.pages")).unlink()
    expect(g.cache("list"), 0, f"^  bindings .* {g.program}: valid, no snapshot: No such file")
    g.put("other/libx.so")
    expect(g.cache("list"), 0, f" {g.program}: {g.folder}/libx.so has changed$")
    g.program.unlink()
    expect(g.cache("list"), 0, f" {g.program}: {g.program} has changed$")


def other_loader(g):
    """Plans are of one build of the loader."""
    enabled(g).how()
    notes = text(g.run("readelf", "-n", g.myld).stdout)
    build = bytes.fromhex(re.search("Build ID: ([0-9a-f]+)", notes).group(1))
    loader = g.myld.read_bytes()
    assert loader.count(build) == 1
    g.myld.unlink()
    g.myld.write_bytes(loader.replace(build, build[::-1]))
    g.myld.chmod(0o755)
    expect(g.cache("list"), 0, f" {g.program}: recorded by another build of the loader$")
    equal([g.how(), g.how()], ["cold", "snapshot"])
    expect(g.cache("list"), 0, "recorded by another build", f" {g.program}: valid$")


def after_a_boot(g):
    """Addresses are drawn again: as if the machine had been started this second."""
    enabled(g).how()
    time.sleep(1.2)
    uptime = int(float(pathlib.Path("/proc/uptime").read_text().split()[0]))
    if os.geteuid() or not shutil.which("unshare"):
        raise Unavailable("a clock of its own needs root and unshare (util-linux)")
    booted = ["unshare", "--time", "--boottime", -uptime, g.myld, "--cache"]
    expect(g.cache("verify"), 0, r"\.pages: good")
    expect(g.run(*booted, "verify"), 0, r"\.pages: stale: .*before the last boot$")
    expect(g.run(*booted, "list"), 0, f"{g.program}: valid, no snapshot: .*before the last boot$")


def damage(path):
    """Each way of it, with what is to be said; the file is as it was in between."""
    data, mode = path.read_bytes(), path.stat().st_mode
    for what, change in {
            "checksum or its structure": lambda: path.write_bytes(data[:-9] + b"x" + data[-8:]),
            "checksum or its structure is": lambda: path.write_bytes(data[:-8]),
            "empty, or too large": lambda: path.write_bytes(b""),
            "another version": lambda: path.write_bytes(data[:8] + b"\xff" + data[9:]),
            "others cannot write to": lambda: path.chmod(0o666)}.items():
        change()
        yield what
        path.write_bytes(data)
        path.chmod(mode)


def verify(g):
    enabled(g, "--limit", "3M").how()
    plan, = g.store.glob("*.plan")
    pages, = g.store.glob("*.pages")
    expect(g.cache("verify"), 0, f"^  {plan.name}: good: {g.program}$",
           f"^  {pages.name}: good: {g.program}$", "^  limit: good$")
    for what in damage(plan):
        expect(g.cache("verify"), 0 if what == "another version" else 1, f"^  {plan.name}: .*{what}")
    expect(g.cache("verify"), 0, f"^  {plan.name}: good")
    plan.rename(g.store / "0123456789abcdef.plan")
    expect(g.cache("verify"), 1, "^  0123456789abcdef.plan: damaged: its name is that of another plan",
           f"^  {pages.name}: left behind: its plan does not exist")
    (g.store / "0123456789abcdef.plan").rename(plan)
    (g.store / "thesis").write_text("mine")
    (g.store / ".new-1-0").write_text("")
    expect(g.cache("verify"), 0, "^  thesis: ignored", "^  .new-1-0: left behind")
    with pages.open("ab") as file:
        file.write(b"more")
    expect(g.cache("verify"), 1, f"^  {pages.name}: damaged: .*its file has been changed")
    g.put("other/libx.so")
    pages.unlink()
    expect(g.cache("verify"), 0, f"^  {plan.name}: stale: {g.folder}/libx.so has changed")
    (g.store / "limit").write_text("much")
    expect(g.cache("verify"), 1, "^  limit: damaged: expected a number of bytes")


# ---- Programs ----

def build(g):
    enabled(g)
    said = expect(g.cache("build", g.program), 0,
                  rf"^{g.program}: {PLAN}: snapshot, 3 libraries, \d+ bindings$")
    assert "constructed" not in said, "a constructor ran"
    (g.folder / "elsewhere").mkdir()
    link = g.folder / "elsewhere/link"
    link.symlink_to(g.program)
    for command in ([g.program], ["./prog"], ["prog"], ["../prog"], [link], [g.myld, g.program],
                    [g.myld, "prog"], [g.myld, "./prog"], [g.myld, link]):
        cwd = g.folder / "elsewhere" if command[-1] == "../prog" else g.folder
        equal((command, g.how(*command, cwd=cwd)), (command, "snapshot"))
    equal(len(g.files()), 2)
    # As a command its $ORIGIN is another text then: a plan of its own, beside the first.
    equal([g.how(g.myld, "../prog", cwd=g.folder / "elsewhere") for _ in range(2)],
          ["cold", "snapshot"])
    equal(g.how(), "snapshot")


def build_by_a_link(g):
    """It lies elsewhere, where the library is not: what counts is the program's own place."""
    enabled(g)
    (g.folder / "elsewhere").mkdir()
    (g.folder / "elsewhere/link").symlink_to(g.program)
    expect(g.cache("build", "elsewhere/link"), 0, rf"^{g.program}: {PLAN}: snapshot")
    expect(g.cache("why", "elsewhere/link"), 0, "^hit: snapshot")
    equal([g.how(), g.how("elsewhere/link")], ["snapshot", "snapshot"])


def build_several(g):
    enabled(g)
    shutil.copy(g.program, g.folder / "prog2")
    settle()
    said = expect(g.cache("build", "prog", "absent", "prog2"), 127,
                  f"^{g.program}: {PLAN}", f"^{g.folder}/prog2: {PLAN}", "absent: cannot open", "absent: not found in PATH")
    equal(len(said.splitlines()), 4)
    equal([g.how(), g.how(g.folder / "prog2")], ["snapshot", "snapshot"])


def build_bindings(g):
    enabled(g)
    bindings = {"MYLD_CACHE": "bindings"}
    expect(g.cache("build", g.program, env=bindings), 0, "bindings, 3 libraries")
    equal([g.how(env=bindings), g.how(env={"MYLD_CACHE": "off"})], ["bindings", "cold"])
    equal(g.files("*.pages"), [])
    expect(g.cache("why", g.program), 1, "no snapshot: the plan has none$", "^miss: this start is cold, and records a plan$")
    expect(g.cache("build", g.program), 0, "snapshot, 3 libraries")
    equal([g.how(), g.how(env=bindings)], ["snapshot", "bindings"])


def build_refuses(g):
    expect(g.cache("build", g.program), 127, f"{g.store}: does not exist")
    enabled(g)
    (g.folder / "libx.so").unlink()
    expect(g.cache("build", g.program), 127, "libx.so: cannot open shared object file")
    g.put("libx.so")
    expect(g.cache("build", g.program, env={"MYLD_CACHE": "off"}), 127,
           "prog: not cached because of MYLD_CACHE=off")
    expect(g.cache("build", g.program, env={"LD_LIBRARY_PATH": "."}), 127,
           r"prog: no plan: \./\S+: a search in a relative directory$")
    expect(g.cache("build", "/sbin/ldconfig"), 127, "ldconfig: static program: nothing to cache")
    expect(g.cache("build", g.program, env={"LD_LIBRARY_PATH": "/" + 4096 * "x"}), 127,
           r"have \d+ bytes, expected less than 4096")
    equal(g.files(), [])
    g.store.chmod(0o777)
    expect(g.cache("build", g.program), 127, "mode 0777: expected owner")


def why(g):
    plan = f"^{g.program}: {PLAN}$"
    expect(g.cache("why", g.program), 1, plan, f"^{g.store}: does not exist",
           "^miss: this start is cold, and no plan is recorded because no cache directory is writable$")
    enabled(g)
    expect(g.cache("why", g.program), 1, f"^{g.store}: .*: no plan: No such file",
           "^miss: this start is cold, and records a plan$")
    g.how()
    said = expect(g.cache("why", "./prog"), 0, plan, r"^hit: snapshot, 3 libraries, \d+ bindings$")
    assert "constructed" not in said, "the program ran"
    expect(g.cache("why", g.program, env={"MYLD_CACHE": "bindings"}), 0,
           r"^hit: bindings, .* \(MYLD_CACHE=bindings\)$")
    expect(g.cache("why", g.program, env={"LD_BIND_NOW": "1"}), 1, "no plan: No such file")
    for name, value in (("MYLD_CACHE", "off"), ("LD_BIND_NOT", "1"),
                        ("LD_DYNAMIC_WEAK", "1"), ("LD_DEBUG", "statistics")):
        expect(g.cache("why", g.program, env={name: value}), 127, f"not cached because of {name}")
    expect(g.cache("why", "/sbin/ldconfig"), 127, "static program: nothing to cache")
    g.put("other/libx.so")
    expect(g.cache("why", g.program), 1, f"{g.folder}/libx.so has changed$", "^miss: ")
    g.how()
    expect(g.cache("why", g.program), 0)
    next(g.store.glob("*.pages")).write_text("")
    expect(g.cache("why", g.program), 1, f"^{g.store}: .*: no snapshot: its file has been changed$")
    next(g.store.glob("*.plan")).write_text("nonsense")
    expect(g.cache("why", g.program), 1, "plan is damaged|is damaged, or for another key$")


def musl(g):
    """Its libc relocates itself: of a program that has no other library nothing can be kept, and it is
    told why."""
    enabled(g)
    equal([g.how(), g.how(g.myld, g.program)], ["cold", "snapshot"])
    expect(g.cache("why", g.program), 0)
    alone = g.folder / "alone"
    subprocess.run(["musl-gcc", "-o", alone, "-x", "c", "-"], input=b"int main(void) { return 0; }",
                   check=True)
    for word in ("build", "why"):
        expect(g.cache(word, alone), 127, "^myld.so: .*/alone: not cached because of its only library")


def diagnostics(g):
    options = [g.myld, "--list-diagnostics"]
    expect(g.run(*options), 0, '^cache.use="snapshot"$', f'^cache.user="{g.store}: does not exist',
           f'^cache.system="{SYSTEM}: ')
    enabled(g)
    expect(g.run(*options, env={"MYLD_CACHE": "off"}), 0, '^cache.use="off"$',
           f'^cache.user="{g.store}: owner .*, mode 0700"$')


# ---- On other hosts ----

def move_to_another_host(g):
    """All files are copies with inodes and times of their own, under the same paths."""
    packed = g.folder.with_suffix(".tar")
    expect(g.run("tar", "-cf", packed, "-C", g.folder, "."), 0)
    inodes = {p.stat().st_ino for p in g.folder.rglob("*")}
    away = g.folder.with_suffix(".away")
    g.folder.rename(away)
    g.folder.mkdir()
    g.folder.chmod(0o755)
    expect(g.run("tar", "-xf", packed, "-C", g.folder), 0)
    assert not inodes & {p.stat().st_ino for p in g.folder.rglob("*")}
    shutil.rmtree(away)
    packed.unlink()
    settle()


def by_build_id(g):
    enabled(g)
    expect(g.cache("build", "--by-build-id", g.program), 0,
           r"prog: .*\.plan: bindings by build-id, 3 libraries, \d+ bindings$")
    equal(g.files("*.pages"), [])
    move_to_another_host(g)
    expect(g.cache("list"), 0, f"^  build-id .* {g.program}: valid$")
    expect(g.cache("verify"), 0, f": good: {g.program}$")
    expect(g.cache("why", g.program), 0, "^hit: bindings by build-id, 3 libraries")
    equal([g.how(), g.how(), g.how(g.myld, "prog")], 3 * ["bindings"])


def not_by_build_id(g):
    """What the one above is about: other plans hold on their host alone."""
    enabled(g)
    expect(g.cache("build", g.program), 0)
    move_to_another_host(g)
    expect(g.cache("list"), 0, f" {g.program}: .* has changed$")
    equal(g.how(), "cold")


def built_by_id(g):
    expect(g.cache("clear"), 0)
    expect(g.cache("build", "--by-build-id", g.program), 0)
    equal(g.how(), "bindings")


def other_builds(g):
    """Every file that the plan depends on, replaced by one of other contents; and a name that was
    does not exist."""
    enabled(g)
    built_by_id(g)
    g.put("other/libx.so")
    other = f"{g.folder}/libx.so has (other contents|changed)$"
    expect(g.cache("list"), 0, other)
    expect(g.cache("why", g.program), 1, other)
    equal(g.how(), "cold")
    built_by_id(g)
    with g.program.open("ab") as file:
        file.write(b"more")
    expect(g.cache("why", g.program), 1, f"{g.program} has other contents$")
    built_by_id(g)
    (g.folder / "libc.so.6").symlink_to(os.path.realpath("/lib/x86_64-linux-gnu/libc.so.6"))
    expect(g.cache("why", g.program), 1, f"{g.folder}/libc.so.6 exists now$")
    equal(g.how(), "cold")


def other_size(g):
    """The same build-id, and bytes that were appended."""
    enabled(g)
    built_by_id(g)
    with (g.folder / "libx.so").open("ab") as file:
        file.write(b"more")
    expect(g.cache("why", g.program), 1, f"{g.folder}/libx.so has changed$")


def no_build_id(g):
    enabled(g)
    g.put("nameless/libx.so")
    expect(g.cache("build", "--by-build-id", g.program), 127,
           f"prog: no plan: {g.folder}/libx.so: no build-id$")
    equal(g.files(), [])
    expect(g.cache("build", g.program), 0)


def quiet_directory():
    """One that nobody has changed for long: on a machine that was set up an hour ago, one of the kernel's."""
    for path in sorted(itertools.chain.from_iterable(
            pathlib.Path("/").glob(depth) for depth in ("usr/*", "usr/*/*", "sys/*", "sys/*/*"))):
        if path.is_dir() and not path.is_symlink() and time.time() - path.stat().st_ctime > 2 * 3600:
            return path
    raise Unavailable("every directory was changed within the last two hours")


def other_directories(g):
    """One that has not got a name here may be another that has not got it there."""
    enabled(g)
    quiet = quiet_directory()
    said = expect(in_namespace(g, f"""
./myld.so --cache build ./prog
./prog
./myld.so --cache build --by-build-id ./prog
mount -t tmpfs tmpfs {quiet}
./prog
""", env={"LD_LIBRARY_PATH": str(quiet)}), 0)
    equal(re.findall("^libx, (.*)$", said, re.M), ["snapshot", "bindings"])


def other_list_of_libraries(g):
    """A copy of ld.so.cache is as good as itself; other bytes in it are not."""
    enabled(g)
    said = expect(in_namespace(g, """
./myld.so --cache build --by-build-id ./prog
cp -p /etc/ld.so.cache list
mount --bind list /etc/ld.so.cache
./prog
echo more >>list
./myld.so --cache why ./prog || true
"""), 0, "^libx, bindings$", "/etc/ld.so.cache has other contents$")
    assert "hit" not in said


# ---- The system's ----

def in_namespace(g, script, **more):
    """Runs lines of sh where /var/cache is empty and of this test alone."""
    namespace.needs_root()
    lines = f"mount -t tmpfs -o mode=755 tmpfs /var/cache && cd {g.folder}\n" + script
    return g.run(*namespace.isolated(["/bin/sh", "-ec", lines]), timeout=60, **more)


def as_nobody(command):
    return f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups --inh-caps=-all {command}"


def system(g):
    said = expect(in_namespace(g, f"""
umask 077
./myld.so --cache enable --system
stat -c '%n %a %u' {SYSTEM}
./myld.so --cache build --system ./prog
stat -c '%a' {SYSTEM}/*
{as_nobody('./prog')}
{as_nobody('./myld.so --cache why ./prog')}
{as_nobody('./myld.so ./prog')}
"""), 0, f"^{SYSTEM}: owner 0, mode 0755; created", f"^{SYSTEM} 755 0$", "^libx, snapshot$",
                  f"^{SYSTEM}: owner 0, mode 0755, read-only for this user$", "^hit: snapshot")
    equal(re.findall("^(644|libx, .*)$", said, re.M), ["644", "644", "libx, snapshot", "libx, snapshot"])


def system_is_roots(g):
    """Others can neither make nor change it, and what they made is not used."""
    expect(in_namespace(g, f"""
! {as_nobody('./myld.so --cache enable --system')}
./myld.so --cache enable --system --limit 9M
! {as_nobody('./myld.so --cache build --system ./prog')}
! {as_nobody('./myld.so --cache clear --system')}
! {as_nobody('./myld.so --cache disable --system')}
{as_nobody('./prog')}
ls {SYSTEM}
chmod 777 {SYSTEM}
./prog
! ./myld.so --cache list --system
chmod 755 {SYSTEM}
chown {NOBODY} {SYSTEM}
! {as_nobody('./myld.so --cache list --system')}
"""), 0, f"{SYSTEM}: owner {NOBODY}, mode 0755: expected owner 0", "myld.so: /var/cache/myld: (cannot be created: )?Permission denied", "^libx, cold$",
           f"{SYSTEM}: owner 0, mode 0777: expected owner 0 and mode 0755")


def secure_mode(g):
    """A set-uid program goes by no store, and leaves nothing in one: its caller would have a say."""
    set_interp(g.case.dir / "secure", g.program, g.myld)
    said = expect(in_namespace(g, f"""
mkdir /var/cache/lib && cp libx.so /var/cache/lib
sleep 0.1
mkdir -p {g.store} && chown -R {NOBODY}:{NOBODY} {g.folder}/xdg && chmod 700 {g.store}
./myld.so --cache enable --system
./myld.so --cache build --system ./prog
{as_nobody('./prog')}
chmod 4755 prog
./myld.so --cache build --system ./prog
{as_nobody('./prog')}
{as_nobody('./prog')}
echo then: $(ls {g.store}) $(ls {SYSTEM} | wc -l)
"""), 0, "^then: 2$")
    equal(re.findall("^libx, (.*)$", said, re.M), ["snapshot", "cold", "cold"])


TESTS = (nothing_unless_enabled, enable, enable_refuses, no_symbolic_link, limit, disable, clear,
         list_plans, other_loader, after_a_boot, verify, build, build_by_a_link, build_several, build_bindings, build_refuses, why, diagnostics,
         by_build_id, not_by_build_id, other_builds, other_size, no_build_id,
         other_directories, other_list_of_libraries, system, system_is_roots, secure_mode)


def on_ground(test, case, suite):
    ground = Ground(case, suite.myld(case.machine))
    try:
        return test(ground)
    except AssertionError as problem:
        return str(problem)
    finally:
        shutil.rmtree(ground.folder)


def checks(suite, machines):
    if suite.options.oracle:
        return []
    found = []
    for case, _ in suite.built([m for m in machines if m == os.uname().machine], FIXTURE):
        tests = TESTS if case.libc_kind == "glibc" else (musl,)
        found += [(f"cache-commands/{test.__name__} [{case.machine.name}]",
                   functools.partial(on_ground, test, case, suite)) for test in tests]
    return found
