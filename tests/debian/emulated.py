#!/usr/bin/env python3
"""emulated.py MACHINE EMULATOR COMMAND...: a command among whose programs may be those of another machine.

It runs in a user namespace of its own with the same users, in which the kernel starts that machine's programs by the
emulator, a static program. The host's own list of such formats stays as it is; since Linux 6.7 a user namespace has its own.
"""
import ctypes
import os
import signal
import sys

NEW_USER = 0x10000000  # CLONE_NEWUSER
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
USERS = 65536

# The first bytes of an ELF file up to e_machine, and which bits of them count: any OS ABI, ET_EXEC or ET_DYN.
MAGIC = {machine: rb"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00" + number
         for machine, number in (("aarch64", rb"\xb7\x00"), ("riscv64", rb"\xf3\x00"))}
MASK = rb"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"

REGISTER = """
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc || exit 125
printf %s "$0" >/proc/sys/fs/binfmt_misc/register || exit 125
exec "$@"
"""


def become(register, command, ready, go):
    """The command, once it is known who is who in the namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_USER):
        sys.exit(f"emulated.py: no user namespace: {os.strerror(ctypes.get_errno())}")
    libc.prctl(DEATH_SIGNAL, signal.SIGKILL)
    os.close(ready)
    os.read(go, 1)
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "sh", "-c", REGISTER, register, *command])


def main():
    machine, emulator, *command = sys.argv[1:]
    # P: the first argument stays; O: the emulator gets the file as a descriptor; C: set-user-ID counts; F: it is opened now,
    # outside of any root.
    register = b":%s:M::%s:%s:%s:POCF" % (machine.encode(), MAGIC[machine], MASK, emulator.encode())
    (waits, ready), (go, gone) = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        os.close(waits)
        os.close(gone)
        become(register, command, ready, go)
    os.close(ready)
    os.read(waits, 1)
    for file in ("uid_map", "gid_map"):
        with open(f"/proc/{child}/{file}", "w", encoding="ascii") as ids:
            ids.write(f"0 0 {USERS}")
    os.close(gone)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
