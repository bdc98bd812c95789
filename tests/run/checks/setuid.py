"""A set-uid copy of a program, run as another user: what the caller can influence is ignored and
removed from the environment; paths that are relative or writable by others are not searched.

Needs root, to make the copy, and a file system that honours the set-uid bit.
"""
import functools
import os
import pathlib
import shutil
import subprocess
import threading

from case import set_interp
from process import execute, text
from toolchain import Unavailable

FIXTURE = "setuid"

NOBODY = 65534
FOLDER = pathlib.Path("/var/tmp/myld-setuid")  # also the RUNPATH of the program
ONE_AT_A_TIME = threading.Lock()
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "KEPT": "1", "LD_DEBUG": "all",
    "LD_DEBUG_OUTPUT": str(FOLDER / "written"), "LD_SHOW_AUXV": "1", "LD_ORIGIN_PATH": "/tmp",
    "LD_PROFILE": "libc.so", "LD_AUDIT": "audit.so",
}


def install(case, myld, program):
    """The loader, the program with its set-uid bit, and the trusted library, all root's."""
    if os.geteuid() != 0:
        raise Unavailable("only root can make a set-uid copy")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(mode=0o755)
    shutil.copy(myld, FOLDER / "myld.so")
    shutil.copy(case.dir / "libwhich.so", FOLDER)
    (FOLDER / "evil").mkdir()
    shutil.copy(case.dir / "evil/libwhich.so", FOLDER / "evil")
    set_interp(case.dir / program, FOLDER / program, FOLDER / "myld.so")
    (FOLDER / program).chmod(0o4755)
    if os.statvfs(FOLDER).f_flag & os.ST_NOSUID:
        raise Unavailable(f"{FOLDER} is mounted nosuid")
    status = pathlib.Path("/proc/self/status").read_text()
    if "NoNewPrivs:\t1" in status:
        raise Unavailable("this process may not gain privileges (no_new_privs)")


def as_nobody(program, env, arguments=()):
    return execute([str(program), *arguments], env=env, cwd=FOLDER / "evil", timeout=20,
                   user=NOBODY, group=NOBODY, extra_groups=[])


def expect(outcome, want):
    got = text(outcome.stdout).splitlines()
    if outcome.status == 0 and got == want:
        return None
    return "\n".join([outcome.how(), "expected:", *want, "got:", *got, "stderr:",
                      text(outcome.stderr)])


def environment_ignored(case, suite):
    """LD_PRELOAD and LD_LIBRARY_PATH point to a library of the caller's, LD_DEBUG_OUTPUT to a file."""
    install(case, suite.myld(case.machine), "prog")
    env = {**ENVIRONMENT, "LD_LIBRARY_PATH": f"{FOLDER}/evil:.", "LD_PRELOAD":
           f"{FOLDER}/evil/libwhich.so"}
    problem = expect(as_nobody(FOLDER / "prog", env),
                     ["AT_SECURE 1", "library trusted", "KEPT"])
    written = [p.name for p in FOLDER.iterdir() if p.name.startswith("written")]
    return problem or (f"LD_DEBUG_OUTPUT was written: {written}" if written else None)


def preload_by_name(case, suite):
    """A name without a slash may be preloaded from a trusted directory alone, not from here."""
    install(case, suite.myld(case.machine), "prog")
    return expect(as_nobody(FOLDER / "prog", {"PATH": "/bin", "LD_PRELOAD": "libwhich.so"}),
                  ["AT_SECURE 1", "library trusted"])


def trace_refused(case, suite):
    """LD_TRACE_LOADED_OBJECTS would keep the program from running, which its caller may not do."""
    install(case, suite.myld(case.machine), "prog")
    return expect(as_nobody(FOLDER / "prog", {"PATH": "/bin", "LD_TRACE_LOADED_OBJECTS": "1"}),
                  ["AT_SECURE 1", "library trusted"])


def origin_by_hard_link(case, suite):
    """$ORIGIN of a set-uid program is where the caller linked it to: not to be trusted."""
    install(case, suite.myld(case.machine), "origin")
    (FOLDER / "evil").chmod(0o777)
    (FOLDER / "evil/origin").hardlink_to(FOLDER / "origin")
    outcome = as_nobody(FOLDER / "evil/origin", {"PATH": "/bin"})
    if outcome.status == 0 and b"evil" in outcome.stdout:
        return "the library beside the hard link was loaded:\n" + text(outcome.stdout)
    if outcome.status not in (0, 127):
        return outcome.how() + "\n" + text(outcome.stderr)
    return None


def not_secure(case, suite):
    """The same program without the bit honours all of it: the test tests what it says."""
    install(case, suite.myld(case.machine), "prog")
    (FOLDER / "prog").chmod(0o755)
    env = {"PATH": "/bin", "LD_LIBRARY_PATH": f"{FOLDER}/evil"}
    return expect(as_nobody(FOLDER / "prog", env),
                  ["AT_SECURE 0", "library evil", "LD_LIBRARY_PATH"])


def closed_descriptors(case, suite):
    """0 to 2 may be closed: they are what they are under the libc's own loader."""
    install(case, suite.myld(case.machine), "descriptors")
    # In secure mode nothing leads to another libc than the machine's own, whose loader it needs then.
    libcs = suite.build(case)
    libc = next((libc for libc in libcs if getattr(libc, "system", False)), libcs[-1])
    oracle = FOLDER / "oracle"
    set_interp(case.dir / "descriptors", oracle, libc.libc)
    oracle.chmod(0o4755)

    def run(program, closed):
        ours, theirs = os.pipe()
        os.set_inheritable(theirs, True)
        process = subprocess.Popen(
            [str(program), str(theirs)], env={"PATH": "/bin"}, cwd=FOLDER, user=NOBODY, group=NOBODY,
            extra_groups=[], pass_fds=[theirs], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=lambda: [os.close(fd) for fd in closed])
        os.close(theirs)
        with open(ours) as f:
            return f"{f.read()}exit {process.wait(timeout=20)}"

    for closed in ((0,), (1,), (2,), (0, 2), (0, 1, 2)):
        want, got = run(oracle, closed), run(FOLDER / "descriptors", closed)
        if want != got or "exit 0" not in got:
            return f"{closed} closed: expected:\n{want}\ngot:\n{got}"
    return None


def all_in_turn(case, suite):
    """One after another: they share a folder whose name is built into the program."""
    problems = []
    ONE_AT_A_TIME.acquire()
    try:
        for test in (not_secure, environment_ignored, preload_by_name, trace_refused,
                     origin_by_hard_link, closed_descriptors):
            problem = test(case, suite)
            if problem:
                problems.append(f"{test.__name__}: {problem}")
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
        ONE_AT_A_TIME.release()
    return "\n".join(problems) or None


def checks(suite, machines):
    if suite.options.oracle:
        return []
    found = []
    for case, _ in suite.built(machines, FIXTURE):
        found.append((f"setuid/as-nobody [{case.machine.name} {case.libc_kind}]",
                      functools.partial(all_in_turn, case, suite)))
    return found
