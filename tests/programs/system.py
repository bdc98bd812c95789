#!/usr/bin/env python3
"""The machine's own programs under the loader, with the system's ld.so as the oracle.

Each runs in two ways and must print the same and end the same: as a command, `LOADER
/usr/bin/program`, beside `/lib64/ld-linux... /usr/bin/program`; and with the loader in the system's
place in a mount namespace of its own, where all its children run under it too.

    system.py [--loader ./myld.so] [--only TEXT] [--way command|place]... [--cache bindings|snapshot]
              [--verbose]

With --cache each runs twice, the second time by what the first and its children have left.
"""
import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import namespace  # noqa: E402 (the library's folder is named just above)
from process import execute, text  # noqa: E402
from selection import choose  # noqa: E402
from toolchain import MACHINES, TOP, Unavailable  # noqa: E402

RUN = TOP / "build/run/system"
ORACLE = pathlib.Path(MACHINES[os.uname().machine].glibc_loader)
WAYS = ("command", "place")
CACHE = {"mode": "off"}
ADDRESS = (r"0x[0-9a-f]+", "ADDRESS")

REPOSITORY = """
git init -q -b main origin && cd origin && git config user.name a && git config user.email a@b.c
for n in 1 2 3; do
	seq $n 40 >file$n; mkdir -p dir$n; echo $n >dir$n/x; git add .
	GIT_AUTHOR_DATE="2026-01-0$n 12:00 +0000" GIT_COMMITTER_DATE="2026-01-0$n 12:00 +0000" \\
		git commit -q -m "commit $n"
done
"""
TREE = """
mkdir -p tree/sub && cd tree && seq 9 >nine && : >empty && ln -s nine link && chmod 750 sub
touch -d '2026-01-02 03:04:05 UTC' nine empty sub && touch -h -d '2026-01-02 03:04:05 UTC' link .
chown -h 1:1 nine
"""
COMPILED = "gcc -g -O0 -o program program.c -lm"


@dataclasses.dataclass
class Case:
    """A command, its program first; before: shell commands that prepare the folder, after: that show
    what was made, both under the system's own loader.  blur: what differs between two runs."""
    name: str
    argv: list
    status: int = 0
    before: str = ""
    after: str = ""
    stdin: str = ""
    blur: tuple = ()
    ways: tuple = WAYS
    timeout: int = 60


def python(code):
    return ["python3", "-I", "-c", code]


def shell(code):
    return ["bash", "-c", code]


def iconv(to, sample):
    return Case(f"iconv to {to}", ["iconv", "-f", "UTF-8", "-t", to], stdin=sample)


CASES = [
    Case("bash", ["bash", "loops.sh"], 7),
    Case("bash error", shell("no-such-command; echo $?; cd /nowhere || exit 4"), 4),
    Case("dash", ["sh", "-c", "for i in 1 2 3; do echo $((i * i)); done; kill -l 9; exit 2"], 2),
    Case("ls", ["ls", "-lR", "--time-style=full-iso", "tree"], before=TREE),
    Case("ls missing", ["ls", "-l", "no-such-file"], 2),
    Case("python3", ["python3", "-I", "modules.py", "/usr/bin/python3"], 3),
    Case("python3 imports", python("import ssl, sqlite3, ctypes; print('imported')")),
    Case("python3 exception", python("raise KeyError('gone')"), 1),
    Case("perl", ["perl", "modules.pl"]),
    Case("perl dies", ["perl", "-e", "die qq(no more\n)"], 255),
    Case("git clone", ["git", "clone", "-q", "origin", "copy"], before=REPOSITORY,
         after="cd copy && git log --stat --format='%H %s %ad' && git status"),
    Case("git log", ["git", "-C", "origin", "log", "-p", "--format=%H %s"], before=REPOSITORY),
    Case("gcc", ["gcc", "-O2", "-Wall", "-o", "program", "program.c", "-lm"],
         after="./program; echo $?"),
    Case("gcc error", ["gcc", "-c", "program.cc", "-x", "c", "worker.js"], 1),
    Case("g++", ["g++", "-std=c++17", "-O1", "-o", "program", "program.cc"],
         after="./program; echo $?"),
    Case("made by gcc", ["./program"], 5, before=COMPILED),
    Case("made by g++", ["./program"], 6, before="g++ -std=c++17 -o program program.cc"),
    Case("gdb", ["gdb", "-nx", "-batch", "-x", "session.gdb", "./program"], before=COMPILED,
         # Of ld.so and of myld.so it may have debugging information or not.
         blur=(ADDRESS, (r"process \d+", "process N"), (r"Yes( \(\*\)|    )", "Yes"),
               (r"\(\*\): Shared library is missing.*", ""))),
    Case("node", ["node", "worker.js"]),
    Case("node throws", ["node", "-e", "process.exitCode = 3; setTimeout(() => null.x, 1)"], 1),
    # The virtual machine looks for its libraries beside /proc/self/exe, which a command's is not.
    Case("java", ["java", "-Xshare:off", "Main.java"], 2, ways=("place",), timeout=120),
    iconv("UTF-16", "gr\u00fc\u00dfe \u65e5\u672c\u8a9e\n"),
    iconv("ISO-2022-JP", "\u65e5\u672c\u8a9e abc\n"),
    iconv("EUC-JP", "\u65e5\u672c\u8a9e \u30c6\u30b9\u30c8\n"),
    iconv("ISO-8859-15//TRANSLIT", "\u20ac \u201cquoted\u201d\n"),
    Case("iconv impossible", ["iconv", "-f", "UTF-8", "-t", "EUC-KR"], 1, stdin="ab \u0e01\n"),
    Case("getent passwd", ["getent", "passwd"]),
    Case("getent host", ["getent", "ahostsv4", "127.0.0.1"]),
    Case("getent missing", ["getent", "passwd", "no-such-user"], 2),
    Case("id", ["id", "daemon"]),
    Case("tar", ["tar", "-cvJf", "tree.tar.xz", "tree"], before=TREE, after="tar -tf tree.tar.xz"),
    Case("xz", ["xz", "-9", "-T2", "-k", "program.cc"], after="xz -dc program.cc.xz | cksum"),
    Case("openssl", ["openssl", "dgst", "-sha256", "program.c", "program.cc"]),
    Case("openssl key", ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-out", "key"],
         after="openssl ec -in key -check -noout"),
    Case("curl", ["curl", "--version"]),
    Case("curl file", ["curl", "-s", "file:///etc/hostname"]),
    Case("make", ["make", "-j2", "-f", "Makefile.sample"]),
    Case("make error", ["make", "-f", "Makefile.sample", "nothing"], 2),
    Case("awk", ["awk", "{ n[length($0)]++ } END { for (i = 0; i < 30; i++) print i, n[i] }",
                 "program.cc"]),
    Case("sed", ["sed", "-nE", r"s/([a-z]+)\((.*)\)/\2 <- \1/p", "program.c"]),
    Case("grep", ["grep", "-nP", r"\b\w{5}\b(?=\()", "program.cc"]),
    Case("find", ["find", "tree", "-type", "f", "-printf", "%p %s %m\n", "-exec", "cksum", "{}",
                  "+"], before=TREE),
    Case("xargs", ["xargs", "-n", "2", "-P", "1", "echo", "got"], stdin="a b c d e"),
    Case("sort", ["sort", "--parallel=2", "-k2", "-r", "program.c"]),
    Case("date", ["date", "-u", "-d", "@1234567890", "+%c %Z"]),
    Case("sqlite3", ["sqlite3", ":memory:", "select sqrt(2), upper('a'), printf('%05d', 42)"]),
    Case("vim", ["vim", "-u", "NONE", "-es", "-c", "%s/int/long/g", "-c", "w! out", "-c", "qa!",
                 "program.c"], after="cat out"),
    Case("less", ["less", "program.c"]),
    Case("gzip", ["gzip", "-9nc", "program.c"]),
    Case("readelf", ["readelf", "-hlW", "/bin/true"]),
    Case("objdump", ["objdump", "-d", "--no-show-raw-insn", "program"], before=COMPILED),
    Case("dpkg", ["dpkg-query", "-W", "-f", "${Package} ${Status}\n", "bash", "libc6"]),
    Case("strace", ["strace", "-qq", "-e", "trace=exit_group", "/bin/false"], 1),
    Case("locale", ["locale", "-a"]),
    Case("man page", ["groff", "-Tascii", "-man", "sample.1"], before=r"""
printf '.TH SAMPLE 1\n.SH NAME\nsample \\- a page\n' >sample.1"""),
]


def environment(folder):
    return {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(folder), "LC_ALL": "C.UTF-8",
            "TZ": "UTC", "TERM": "dumb", "LANG": "C.UTF-8", "MYLD_CACHE": CACHE["mode"],
            "XDG_CACHE_HOME": f"{folder}.cache"}


def in_shell(script, folder):
    subprocess.run(["/bin/bash", "-e", "-c", script], cwd=folder, env=environment(folder),
                   check=True, stdout=subprocess.DEVNULL)


def program_of(case):
    """The path of the program, as it stands in PATH; a made one's is relative."""
    if case.argv[0].startswith("./"):
        return case.argv[0]
    found = shutil.which(case.argv[0], path=environment("")["PATH"])
    if not found:
        raise Unavailable(f"{case.argv[0]} is not installed")
    return found


def blurred(output, case):
    for pattern, instead in case.blur:
        output = re.sub(pattern, instead, output)
    return output


def folder_of(case):
    return re.sub(r"\W+", "_", case.name)


def run(case, way, loader):
    """-> what it did, as text; loader None: the oracle."""
    folder = RUN / way / folder_of(case)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "system", folder)
    in_shell(case.before, folder)
    command = [program_of(case), *case.argv[1:]]
    if way == "command":
        command = [str(loader or ORACLE), *command]
    else:
        command = namespace.in_place(loader, command)
    got = execute(command, environment(folder), folder, stdin=case.stdin, timeout=case.timeout)
    after = b""
    if case.after and got.status == 0:
        after = execute(["/bin/bash", "-c", case.after], environment(folder), folder).stdout
    parts = [got.how(), "stdout:", text(got.stdout), "stderr:", text(got.stderr), "after:",
             text(after)]
    return got.status, blurred("\n".join(parts), case)


def first_difference(want, got):
    want, got = want.splitlines(), got.splitlines()
    at = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b), min(len(want), len(got)))
    return "\n".join([f"    expected: {line[:200]}" for line in want[at:at + 3]] +
                     [f"    got:      {line[:200]}" for line in got[at:at + 8]])


def check(case, way, loader):
    """-> (verdict, explanation)"""
    try:
        status, want = run(case, way, None)
        if status != case.status:
            return "failed", f"the oracle: exit {status}, expected {case.status}\n{want}"
        cache = RUN / way / (folder_of(case) + ".cache") / "myld"
        shutil.rmtree(cache.parent, ignore_errors=True)
        cache.mkdir(parents=True)
        cache.chmod(0o700)
        _, got = run(case, way, loader)
        if want == got and CACHE["mode"] != "off":
            _, got = run(case, way, loader)
    except Unavailable as reason:
        return "skipped", str(reason)
    return ("passed", "") if want == got else ("failed", first_difference(want, got))


def arguments():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--loader", default=TOP / "myld.so", type=pathlib.Path)
    parse.add_argument("--only", default="", help="programs whose name contains this text")
    parse.add_argument("--way", action="append", choices=WAYS)
    parse.add_argument("--cache", choices=("bindings", "snapshot"), default="off")
    parse.add_argument("--verbose", action="store_true")
    return parse.parse_args()


def main():
    args = arguments()
    CACHE["mode"] = args.cache
    loader = args.loader.resolve()
    if not loader.exists():
        sys.exit(f"system.py: {loader}: no loader here (make, or --loader)")
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    jobs = [(case, way) for case in choose(CASES, lambda case: args.only in case.name, f"--only {args.only}", "programs")
            for way in case.ways if way in (args.way or WAYS)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda job: (*job, *check(*job, loader)), jobs)
        for case, way, verdict, why in results:
            counts[verdict] += 1
            if verdict != "passed" or args.verbose:
                print(f"{verdict.upper():7} {case.name} [{way}] {why}", flush=True)
    if namespace.leaked():
        counts["failed"] += 1
        print(f"FAILED  something is mounted over {namespace.SYSTEM_LOADER}")
    print(", ".join(f"{number} {name}" for name, number in counts.items()))
    sys.exit(counts["failed"] > 0)


if __name__ == "__main__":
    main()
