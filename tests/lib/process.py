"""Runs one program under a time limit and describes how what it did differs from what it should."""
import difflib
import errno
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass

LIMIT = 1 << 20  # bytes of output that are kept


@dataclass
class Outcome:
    stdout: bytes
    stderr: bytes
    status: int  # exit code; -signal
    timed_out: bool = False

    def how(self):
        if self.timed_out:
            return "ran out of time"
        return f"killed by signal {-self.status}" if self.status < 0 else f"exit {self.status}"


def when_not_busy(call):
    """call(), again while the program's file is busy: a thread that forked while another one was
    still writing the file keeps it open for writing until its child has become something else."""
    for attempt in range(100):
        try:
            return call()
        except OSError as error:
            if error.errno != errno.ETXTBSY or attempt == 99:
                raise
            time.sleep(0.02)


def execute(args, env, cwd, stdin="", timeout=30, executable=None, **more):
    """Runs args in a process group of its own; on a time-out the whole group is killed."""
    process = when_not_busy(lambda: subprocess.Popen(
        args, executable=executable, env=env, cwd=cwd, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **more))
    try:
        out, err = process.communicate(stdin.encode(), timeout=timeout)
        return Outcome(out[:LIMIT], err[:LIMIT], process.returncode)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return Outcome(out[:LIMIT], err[:LIMIT], process.returncode, True)


# The first line of a failure is in the words of the libc's own loader, what else there is to say
# follows in the loader's own name.
ERROR_LINE = re.compile(r"myld\.so: |.*: error while loading shared libraries: |"
                        r".*: symbol lookup error: |.*: version `.*' not found \(required by |"
                        r".*: no version information available \(required by |"
                        r".*: CPU ISA level is lower than required$|"
                        r"Error (loading shared library|relocating) ")


def is_error_line(line):
    return ERROR_LINE.match(line) is not None


def text(data):
    return data.decode(errors="backslashreplace")


def unmatched(where, patterns, output):
    return [f"no line of {where} matches: {pattern}" for pattern in patterns
            if not any(re.search(pattern, line) for line in text(output).splitlines())]


def difference(want, got, run):
    """None, or what differs: exit status, standard output, lines that a run of a case asks for."""
    parts = []
    if got.timed_out or got.status != want.status:
        parts.append(f"{got.how()}, expected {want.how()}")
    if got.stdout != want.stdout and not run["stdout"]:
        parts += difflib.unified_diff(text(want.stdout).splitlines(), text(got.stdout).splitlines(),
                                      "expected", "got", lineterm="", n=2)
    parts += unmatched("stdout", run["stdout"], got.stdout) + \
        unmatched("stderr", run["stderr"], got.stderr)
    errors = text(got.stderr).splitlines()
    if run["only_errors"]:
        parts += [f"not an error line: {e}" for e in errors if not is_error_line(e)]
    if not parts:
        return None
    output = text(got.stdout).splitlines() if run["stdout"] else []
    return "\n".join(parts + ["stdout: " + line for line in output[-12:]] +
                     ["stderr: " + line for line in errors[-12:]])
