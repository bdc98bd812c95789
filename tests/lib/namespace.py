"""A loader in the system's place, for one command and its children and nobody else.

The loader is bind-mounted over the system's own in a mount namespace of the command's own, whose
mounts are private, and in a PID namespace, so that nothing of it is left when the command ends.
"""
import functools
import os
import pathlib
import shutil
import subprocess

from toolchain import MACHINES, Unavailable

SYSTEM_LOADER = pathlib.Path(MACHINES[os.uname().machine].glibc_loader).resolve()

# $1 is mounted over $2, the rest is run.  The shell was started before and needs nothing of it.
MOUNT = 'mount --bind "$1" "$2" || exit 125; shift 2; exec "$@"'


UNSHARE = ["/usr/bin/unshare", "--mount", "--propagation", "private", "--pid", "--fork",
           "--kill-child", "--mount-proc"]


@functools.lru_cache
def refusal():
    """Why there can be no namespaces here; None if there can: in a chroot whose / is no mount there
    can't, nor in a container without the right to mount."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return "a mount namespace of its own needs root and unshare (util-linux)"
    done = subprocess.run([*UNSHARE, "/bin/true"], stderr=subprocess.PIPE, text=True)
    return done.stderr.strip() if done.returncode else None


def needs_root():
    if refusal():
        raise Unavailable(refusal())


def isolated(command):
    """The command in its own PID and mount namespaces."""
    needs_root()
    return [*UNSHARE, *map(str, command)]


def in_place(loader, command):
    """The command with the loader over the system's; with None the system's own is left there."""
    needs_root()
    if loader is None:
        return isolated(command)
    return isolated(["/bin/sh", "-c", MOUNT, "sh", loader, SYSTEM_LOADER, *command])


def leaked():
    """Whether something is mounted over the system's loader out here."""
    mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    return any(line.split()[4] == str(SYSTEM_LOADER) for line in mounts)
