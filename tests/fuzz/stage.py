"""Folders in which a broken file takes a part that a glibc program asks for by name: a library that it
needs, libc.so.6, the ld-linux beside a libc that no table knows (the loader compares it), or, in a root
of its own, /etc/ld.so.cache."""
import os
import pathlib
import shutil
import subprocess

LIBC = pathlib.Path("/lib/x86_64-linux-gnu/libc.so.6")
LDSO = "ld-linux-x86-64.so.2"
NEEDED = "libgnu.so"
NOTE_NAME = b"\4\0\0\0\x14\0\0\0\3\0\0\0GNU\0"  # namesz, descsz, NT_GNU_BUILD_ID, name

# Kind of seed: (the name that the broken file gets, the other files).
PARTS = {"L": (NEEDED, ()), "C": ("libc.so.6", (LDSO,)), "S": (LDSO, ("libc.so.6",))}


def unknown_libc():
    """libc.so.6 with another build-id."""
    data = bytearray(LIBC.read_bytes())
    at = data.index(NOTE_NAME) + len(NOTE_NAME)
    data[at:at + 20] = b"x" * 20
    return bytes(data)


class Stage:
    """Of one worker; program: what is run in a root of its own; sibling: what broken libraries need."""

    def __init__(self, directory, program, sibling, loader):
        self.directory = directory
        for kind, (_, others) in PARTS.items():
            (directory / kind).mkdir(parents=True)
            for name in others:
                os.symlink(LIBC.parent / name, directory / kind / name)
        (directory / "L" / sibling.name).symlink_to(sibling)
        (directory / "S" / "libc.so.6").unlink()
        (directory / "S" / "libc.so.6").write_bytes(unknown_libc())
        if "E" in kinds_here():
            make_root(directory / "E", program, loader)

    def cast(self, kind, path):
        """The folder in which the file at path takes the part of its kind."""
        if kind == "E":
            shutil.copy(path, self.directory / kind / "etc/ld.so.cache")
        elif kind in PARTS:
            part = self.directory / kind / PARTS[kind][0]
            part.unlink(missing_ok=True)
            part.symlink_to(path)
        return str(self.directory / kind)


def make_root(root, program, loader):
    """All libraries are where only the cache leads; subdirectories for newer processors too."""
    for folder in ("etc", "opt/glibc-hwcaps/x86-64-v2"):
        (root / folder).mkdir(parents=True)
    shutil.copy(loader, root / "myld.so")
    shutil.copy(program, root / "hello")
    for name in ("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0"):
        shutil.copy(LIBC.parent / name, root / "opt")
    shutil.copy(LIBC.parent / "libm.so.6", root / "opt/glibc-hwcaps/x86-64-v2")
    (root / "etc/ld.so.conf").write_text("/opt\n")
    subprocess.run(["/sbin/ldconfig", "-X", "-c", "compat", "-r", str(root)], check=True)


def kinds_here():
    """E needs a chroot."""
    return "LCSE" if os.geteuid() == 0 else "LCS"


class Everywhere:
    """The regions of a cache: its header, more often than the rest, and all of it."""

    def __init__(self, data):
        at = data.index(b"glibc-ld.so.cache1.1")
        self.found = [(1, 0, len(data)), (2, at, at + 48), (2, at + 48, at + 48 + 24 * 5),
                      (1, len(data) - 64, len(data))]

    def choose(self, rng):
        return rng.choices(self.found, [r[0] for r in self.found])[0][1:]
