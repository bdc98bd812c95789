#!/usr/bin/env python3
"""package.py [NAME...]: the package, and the recipes of docs/package/README.md, each in a root of its own.

The package is built, looked into, installed into a root by dpkg and removed again.  The recipes are run as
the document has them, except that what they copy from /usr/lib/myld is the loader of this tree.
"""
import argparse
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/lib"))
from namespace import in_place  # noqa: E402 (the library's folder is named just above)
from recipes import recipe  # noqa: E402

LOADER_HERE = TOP / "build/x86_64/myld.so"
ROOTS = TOP / "build" / "package"
LOADER = "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
FILES = {"usr/bin/myld", "usr/lib/myld/myld.so", "usr/share/man/man8/myld.so.8.gz", "usr/share/man/man1/myld.1.gz",
         "usr/share/bash-completion/completions/myld", "usr/share/zsh/vendor-completions/_myld",
         "usr/share/doc/myld/copyright", "usr/share/doc/myld/README.md"}


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, timeout=120, check=False, **options)
    return done.returncode, done.stdout


def must(*command, **options):
    status, output = run(*command, **options)
    if status:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {status}\n{output}")
    return output


@functools.lru_cache
def package():
    must("make", "--no-print-directory", "deb", cwd=TOP)
    return next((TOP / "build").glob("myld_*_amd64.deb"))


def follow(name, root):
    must("/bin/sh", "-euc", recipe(name, LOADER_HERE), env={**os.environ, "ROOT": str(root)})


def make_root(name, *programs):
    """A root with these glibc programs of the machine, their libraries, ld-linux and the package's files."""
    root = ROOTS / name
    shutil.rmtree(root, ignore_errors=True)
    for folder in ("bin", "lib64", "usr/lib", "var/lib/dpkg/info", "var/lib/dpkg/updates", "tmp"):
        (root / folder).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    copy(LOADER, root)
    (root / "lib64/ld-linux-x86-64.so.2").symlink_to(LOADER)
    for program in programs:
        copy(program, root)
        for library in re.findall(r"=> (\S+) ", must("ldd", program)):
            copy(library, root)
    must("dpkg-deb", "-x", package(), root)
    return root


def copy(path, root):
    target = root / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(os.path.realpath(path), target)


def contents():
    """The package has these files and no others, and it goes without a trace."""
    names = {line.split()[5].removeprefix("./").rstrip("/") for line in must("dpkg-deb", "-c", package()).splitlines()
             if not line.startswith("d")}
    if names != FILES:
        return f"not as expected: {names ^ FILES}"
    root = make_root("dpkg")
    shutil.rmtree(root / "usr")
    before = sorted(root.rglob("*"))
    must("dpkg", "--root", root, "--force-not-root,script-chrootless", "--log=/dev/stdout", "-i", package())
    status, said = run(root / "usr/bin/myld", "/bin/echo", "from the package")
    if status or said != "from the package\n":
        return f"exit {status}: {said}"
    must("dpkg", "--root", root, "--log=/dev/stdout", "--purge", "myld")
    left = [str(path) for path in sorted(root.rglob("*")) if path not in before and "/dpkg" not in str(path)]
    return f"left: {left}" if left else None


def install():
    """make install and make uninstall are each other's opposite."""
    for prefix in ("/usr/local", "/opt/x"):
        root = ROOTS / "install"
        shutil.rmtree(root, ignore_errors=True)
        place = [f"DESTDIR={root}", f"PREFIX={prefix}"]
        must("make", "install", *place, cwd=TOP)
        said = must(f"{root}{prefix}/bin/myld", "--version")
        must("make", "uninstall", *place, cwd=TOP)
        left = [str(path) for path in root.rglob("*") if not path.is_dir()]
        if left or "myld.so" not in said:
            return f"{prefix}: {said}left: {left}"
    return None


def gdb(*commands, after):
    return ["gdb", "-nx", "-batch", *(word for command in commands for word in ("-ex", command)), *after]


def tools():
    """The installed loader in ld-linux's place: what debuggers and valgrind find in it by name."""
    root = ROOTS / "tools"
    shutil.rmtree(root, ignore_errors=True)
    must("make", "install", "install-debug", f"DESTDIR={root}", "PREFIX=/usr", cwd=TOP)
    loader = root / "usr/lib/myld/myld.so"
    program = root / "prog"
    (root / "prog.c").write_text("int start(int n) { return n; }\nint main(int argc, char **argv)\n"
                                 "{ (void)argv; return start(argc) - 1; }\n")
    must("gcc", "-g", "-o", program, root / "prog.c")
    debug = ["-iex", f"set debug-file-directory {root}/usr/lib/debug"]
    asked = {
        "a function that the loader has as well": (
            gdb("break main", "run", "break start", after=[program]), r"Breakpoint 2 at .*prog\.c, line 1"),
        "the list of libraries, for a gdb that is started on the loader": (
            gdb("set stop-on-solib-events 1", "run", after=["--args", LOADER, program]), "Stopped due to shared library event"),
        "its debugging information": (gdb("info scope vm_find_gap", after=[*debug, loader]), "Symbol topdown is"),
        "strlen": (["valgrind", program], "ERROR SUMMARY: 0 errors"),
    }
    for what, (command, want) in asked.items():
        said = run(*in_place(loader, command))[1]
        if not re.search(want, said) or "locations)" in said:
            return f"{what}: {' '.join(map(str, command))}\n{said}"
    return None


def completion():
    """Bash offers the options and the words of --cache."""
    for line, want in (("myld --lis", "--list"), ("myld --cache ver", "verify")):
        words = line.split()
        said = must("/bin/bash", "-c", f". docs/package/completion.bash; PATH=build/package/bin:$PATH; COMP_WORDS=({line}); "
                    f"COMP_CWORD={len(words) - 1}; _myld; printf '%s\\n' \"${{COMPREPLY[@]}}\"", cwd=TOP)
        if want not in said.split():
            return f"{line}: {said}"
    return None


def rescue():
    """A root whose ld-linux is damaged."""
    root = make_root("rescue", "/bin/bash", "/bin/ls")
    (root / LOADER.lstrip("/")).write_bytes(b"\x7fELF damaged")
    status, said = run("/usr/sbin/chroot", root, "/bin/ls", "/")
    if status == 0:
        return f"ls still starts there:\n{said}"
    (root / "script").write_text(recipe("rescue", LOADER_HERE))
    said = must("/usr/sbin/chroot", root, "/usr/bin/myld", "/bin/bash", "-c", ". /script", env={"PATH": "/usr/bin:/bin"})
    return None if "a shell: " in said and "lib64" in said.split() else said


def place():
    """The recipe, and its opposite, in a root with dpkg's database."""
    root = make_root("place", "/bin/bash", "/bin/cat")
    original = (root / LOADER.lstrip("/")).read_bytes()
    ask = ["/usr/sbin/chroot", root, "/bin/bash", "-c", "/bin/cat /marker"]
    (root / "marker").write_text("it runs\n")
    follow("place", root)
    if (root / LOADER.lstrip("/")).read_bytes() != (TOP / "build/x86_64/myld.so").read_bytes():
        return "the loader is not in the other's place"
    said = [must(*ask)]
    if told := must("/sbin/ldconfig", "-N", "-r", root):
        return f"ldconfig: {told}"
    diverted = must("dpkg-divert", "--root", root, "--list")
    follow("back", root)
    said.append(must(*ask))
    if (root / LOADER.lstrip("/")).read_bytes() != original or must("dpkg-divert", "--root", root, "--list"):
        return "the system's own is not back"
    return None if said == ["it runs\n"] * 2 and {LOADER, f"/usr{LOADER}"} <= set(diverted.split()) else f"{said}, {diverted}"


def musl():
    """A shell of musl and a program of glibc in one root, both under the loader in their own loaders' places."""
    must(TOP / "tests/programs/build.sh", "busybox")
    root = ROOTS / "musl"
    shutil.rmtree(root, ignore_errors=True)
    (root / "lib").mkdir(parents=True)
    (root / "bin").mkdir()
    shutil.copy(os.path.realpath("/lib/ld-musl-x86_64.so.1"), root / "lib/ld-musl-x86_64.so.1")
    shutil.copy(TOP / "build/apps/busybox/busybox", root / "bin")
    shutil.copy("/bin/true", root / "bin/glibc-true")
    shutil.copy("/bin/echo", root / "bin/glibc-echo")
    follow("musl", root)
    said = must("/usr/sbin/chroot", root, "/bin/busybox", "sh", "-c",
                "busybox seq 3 | busybox sort -r | busybox head -n 1; /bin/glibc-true && /bin/glibc-echo glibc; "
                "/lib/ld-musl-x86_64.so.1 /bin/busybox echo command")
    return None if said == "3\nglibc\ncommand\n" else said


TESTS = (contents, install, tools, completion, rescue, place, musl)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only tests with this in their name")
    options = parser.parse_args()
    chosen = [test for test in TESTS if not options.names or any(n in test.__name__ for n in options.names)]
    failed = 0
    if os.geteuid() != 0:
        print("SKIPPED package: only root can chroot\n0 passed, 0 failed, 1 skipped")
        return 0
    (ROOTS / "bin").mkdir(parents=True, exist_ok=True)
    (ROOTS / "bin/myld").unlink(missing_ok=True)
    (ROOTS / "bin/myld").symlink_to(TOP / "build/x86_64/myld.so")
    for test in chosen:
        try:
            problem = test()
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            problem = str(error)
        failed += problem is not None
        if problem is not None:
            print(f"FAILED  package/{test.__name__}")
            print("\n".join(f"        {line}" for line in problem.splitlines()))
    print(f"{len(chosen) - failed} passed, {failed} failed, 0 skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
