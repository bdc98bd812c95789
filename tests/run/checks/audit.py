"""sotruss (libc-devtools), whose library is an auditor, tells the same calls and returns under this loader as
under the machine's own.
"""
import functools
import pathlib
import re

from process import execute, text
from toolchain import Unavailable

FIXTURE = "audit-calls"
AUDITOR = pathlib.Path("/usr/lib/x86_64-linux-gnu/audit/sotruss-lib.so")


def told(case, libc, loader, more):
    """The lines of its log: objects and functions, without addresses and the process's number.  It gives
    too small a size for the arguments of some calls, so that what these print does not matter."""
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "LD_AUDIT": str(AUDITOR), **more}
    outcome = execute([str(loader), *libc.command_options(env), str(case.dir / "prog")], cwd=case.dir,
                      timeout=60, env=env)
    log = re.sub(r"^ *\d+:|\(.*\)|- 0x\w+", "", text(outcome.stderr), flags=re.M)
    return f"{outcome.how()}\n{log}"


def compare(suite, case, libc, more):
    if not AUDITOR.exists():
        raise Unavailable("libc-devtools is not installed")
    wanted, got = (told(case, libc, loader, more) for loader in (libc.libc, suite.myld(case.machine)))
    if "ints" not in wanted:
        return f"ld.so tells of no call:\n{wanted}"
    return None if wanted == got else f"expected:\n{wanted}\ngot:\n{got}"


def checks(suite, machines):
    if suite.options.oracle:
        return []
    return [(f"audit/{name} [x86_64 glibc {libc.version}]",
             functools.partial(compare, suite, case, libc, more))
            for case, libcs in suite.built([m for m in machines if m == "x86_64"], FIXTURE)
            for libc in libcs if getattr(libc, "system", False)
            for name, more in (("sotruss", {}), ("sotruss-exit", {"SOTRUSS_EXIT": "1"}))]
