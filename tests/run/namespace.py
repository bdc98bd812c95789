"""A loader in the system's place, for one command and its children and nobody else.

The loader is bind-mounted over the system's own in a mount namespace of the command's own, whose
mounts are private, and in a PID namespace, so that nothing of it is left when the command ends.
"""
import os
import pathlib
import shutil

from toolchain import MACHINES, Unavailable

SYSTEM_LOADER = pathlib.Path(MACHINES[os.uname().machine].glibc_loader).resolve()

# $1 is mounted over $2, the rest is run.  The shell was started before and needs nothing of it.
MOUNT = 'mount --bind "$1" "$2" || exit 125; shift 2; exec "$@"'


def needs_root():
    if os.geteuid() != 0 or not shutil.which("unshare"):
        raise Unavailable("a mount namespace of its own needs root and unshare (util-linux)")


def isolated(command):
    """The command in its own PID and mount namespaces."""
    return ["/usr/bin/unshare", "--mount", "--propagation", "private", "--pid", "--fork",
            "--kill-child", "--mount-proc", *map(str, command)]


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
