"""A glibc program in a root that holds the loader, the program, its library and a libc, and no
ld-linux; a musl program in a root without musl; and programs of both libcs under one and the same file.

Needs root, for chroot.
"""
import functools
import os
import shutil

from case import set_interp
from process import execute, text
from toolchain import BUILD, Unavailable, libc_of

FIXTURE = "glibc-root"

LIBRARIES = ("libc.so.6", "libpthread.so.0", "libdl.so.2")
ENVIRONMENT = {"PATH": "/bin", "LC_ALL": "C"}


def make_root(case, libc, myld, mode):
    """The tree; the loader is at /myld.so, the program's PT_INTERP too."""
    root = BUILD / "root" / f"{libc.suite}-{mode}"
    shutil.rmtree(root, ignore_errors=True)
    folder = root / "lib" / libc.lib.name
    folder.mkdir(parents=True)
    for name in LIBRARIES:
        shutil.copy(libc.lib / name, folder)
    shutil.copy(myld, root / "myld.so")
    shutil.copy(case.dir / "libplugin.so", root)
    set_interp(case.dir / "prog", root / "prog", "/myld.so")
    return root


def loaders_in(root):
    return [path for path in root.rglob("*") if path.name.startswith("ld-")]


def without_loader(case, suite, libc, mode):
    """Runs it there; it must say what it says under its own loader outside."""
    if os.geteuid() != 0:
        raise Unavailable("only root can chroot")
    root = make_root(case, libc, suite.myld(case.machine, libc), mode)
    if loaders_in(root):
        return f"there is another loader: {loaders_in(root)}"
    command = {"command": ["/myld.so", "/prog"], "interp": ["/prog"]}[mode]
    outcome = execute(["/usr/sbin/chroot", str(root), *command], ENVIRONMENT, "/")
    want = [f"libc {libc.number}", "thread: 42", "plugin: 7"]
    if outcome.status == 0 and text(outcome.stdout).splitlines() == want:
        return None
    return "\n".join([outcome.how(), text(outcome.stdout), text(outcome.stderr), "expected:", *want])


def both_worlds(cases, suite):
    """The hello of either libc, one after the other, under the same file."""
    for case in cases:
        suite.build(case)
        libc = libc_of(case.libc_kind, case.machine.name)
        myld = suite.myld(case.machine, libc)
        outcome = execute([str(myld), *libc.command_options({}), "./pie", "one"], ENVIRONMENT, case.dir)
        if b"one" not in outcome.stdout or outcome.status < 0 or outcome.status == 127:
            return f"{case.libc_kind}: {outcome.how()}\n{text(outcome.stdout + outcome.stderr)}"
    return None


def without_musl(case, suite):
    """A program of musl where there is none: one line that names what was looked for, and exit status 127."""
    if os.geteuid() != 0:
        raise Unavailable("only root can chroot")
    suite.build(case)
    root = BUILD / "root" / "no-musl"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    shutil.copy(suite.myld(case.machine), root / "myld.so")
    shutil.copy(case.dir / "pie", root / "prog")
    outcome = execute(["/usr/sbin/chroot", str(root), "/myld.so", "/prog"], ENVIRONMENT, "/")
    want = "myld.so: libc.so: not found, needed by /prog: no musl libc at /lib/ld-musl-x86_64.so.1\n"
    if (outcome.status, text(outcome.stderr)) == (127, want):
        return None
    return f"{outcome.how()}\n{text(outcome.stderr)}expected:\n{want}"


def checks(suite, machines):
    if suite.options.oracle:
        return []
    found = []
    for case, libcs in suite.built(machines, FIXTURE):
        for libc in libcs if case.machine.native else []:
            for mode in ("command", "interp"):
                label = f"root/without-ld-linux [{case.machine.name} glibc {libc.version} {mode}]"
                found.append((label, functools.partial(without_loader, case, suite, libc, mode)))
    hellos = [case for case in suite.cases(machines, "hello")
              if case.name == "hello" and case.machine.name == "x86_64"]
    if len(hellos) > 1:
        found.append(("root/both-worlds [x86_64]", functools.partial(both_worlds, hellos, suite)))
    found += [("root/without-musl [x86_64]", functools.partial(without_musl, case, suite))
              for case in hellos if case.libc_kind == "musl"]
    return found
