#!/usr/bin/env python3
"""A whole Debian on the loader: maintainer scripts, apt, builds, test suites, users.

    debian.py [--suite SUITE] [--short] [PART...]

Two roots of the suite by debootstrap: one as it is, and one in which myld.so has taken ld-linux's place by the recipe of
docs/package/README.md before any program of it has run. Each part does the same in both and has to end the same.
--short: the second root alone, and of the parts those that need no oracle. The roots stay in build/debian/.
"""
import argparse
import difflib
import os
import re
import shutil
import sys
import time

import roots

# With what they depend on some 250.
PACKAGES = """bash-completion bc bsdextrautils bzip2 curl dc ed file gawk gdb git gnupg groff iputils-ping jq less libpython3-stdlib
lua5.4 man-db nano netcat-openbsd openssh-client openssl perl python3 python3-yaml rsync ruby sqlite3 strace sudo tcl tmux
unzip vim wget xz-utils zip zsh build-essential fakeroot debhelper""".split()
SHORT_PROGRAMS = {"bc": "--version", "file": "-b /usr/bin/perl", "jq": "-n '[1, 2]'",
                  "lua5.4": "-e 'print(2^10)'", "sqlite3": ":memory: 'select 6 * 7'"}
SHORT_PACKAGES = list(SHORT_PROGRAMS)
BUILT = ("hello", "gzip", "bash")
PYTHON_TESTS = """test_ctypes test_importlib test_threading test_subprocess test_embed test_faulthandler test_ssl
test_multiprocessing_fork test_multiprocessing_spawn test_posix test_sqlite3 test_zlib""".split()


def without_numbers(text):
    return re.sub(r"\d+", "N", text)


# ---- Parts: what is compared ----

def version(root):
    """The loader is the one that is meant, and what debootstrap installed is whole."""
    said = root.loader()
    if ("myld.so" in said) != (root.kind == "myld"):
        return f"another loader: {said}"
    return root.must("dpkg --verify; dpkg --audit")


def apt(root, packages):
    root.must("apt-get -q update", 600)
    root.must(f"apt-get -q install -y --no-install-recommends {' '.join(packages)}", 3600)
    return root.must("dpkg --verify; dpkg --audit; dpkg-query -W -f '${Package} ${Version} ${Status}\\n'")


def install(root):
    """Packages, whose maintainer scripts run under the loader; dpkg finds nothing amiss."""
    return apt(root, PACKAGES)


def install_few(root):
    """The same with a few packages; then each program beside itself under the loader that was there before."""
    apt(root, SHORT_PACKAGES)
    found = root.must("dpkg --verify; dpkg --audit")
    for program, words in SHORT_PROGRAMS.items():
        said = [root.must(f"{loader} /usr/bin/{program} {words}") for loader in ("", f"/{roots.LOADER}.system")]
        if said[0] != said[1] or not said[0]:
            found += f"{program}: {said[0]}, by the system's own loader {said[1]}\n"
    return found


def build(root):
    """Source packages, whose binary packages have to be the same bytes."""
    found = []
    for name in BUILT:
        root.must(f"mkdir -p /build && cd /build && rm -rf {name} && mkdir {name} && cd {name} && "
                  f"apt-get -q build-dep -y --no-install-recommends {name} && apt-get -q source {name}", 1800)
        root.must(f"cd /build/{name}/*/ && DEB_BUILD_OPTIONS='nocheck parallel=2' dpkg-buildpackage -us -uc -b", 3600)
        found.append(root.must(f"cd /build/{name} && sha256sum *.deb"))
    return "".join(found)


def python(root):
    """The loader-near part of CPython's own tests: the same results, test by test."""
    root.must("apt-get -q install -y --no-install-recommends libpython3.11-testsuite gdb gcc libpython3-dev", 1800)
    said = root.sh(f"cd /tmp && python3 -m test -j2 --timeout 600 -v {' '.join(PYTHON_TESTS)} 2>&1", 3600).output
    results = re.findall(r"^(test\w+ \([\w.]+\)).*?\.\.\. (ok|FAIL|ERROR|skipped|expected failure)", said, re.M)
    summary = re.findall(r"^(\w+) (?:passed|failed|skipped)", said, re.M)
    if len(results) < 500:
        return f"{len(results)} results\n{said[-3000:]}"
    return "\n".join(sorted(" ".join(pair) for pair in results) + sorted(set(summary)))


def users(root):
    """Programs with privileges of their own, and those that hand them out."""
    root.must("id tester 2>/dev/null || useradd -m tester; echo 'tester ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/tester")
    return without_numbers(root.must("""
su tester -c 'id -un; LD_PRELOAD=/nowhere.so true'
su tester -c 'sudo -n id -un'
su tester -c 'ping -c 1 -W 5 127.0.0.1 | grep -c "1 received"'
rm -f /tmp/key; ssh-keygen -q -t ed25519 -N '' -f /tmp/key && ssh-keygen -l -f /tmp/key | grep -c ED25519
su tester -c 'cd && umask 077 && echo "%echo x" | gpg --batch --list-keys; echo gpg $?'
script -qec 'login -f tester' /dev/null </dev/null | tr -d "\r" | grep -c "tester@" || true
passwd -S tester | cut -d" " -f1,2
"""))


PARTS = {part.__name__: part for part in (version, install, build, python, users)}
SHORT = (version, install_few)


# ---- Running them ----

def attempt(part, root):
    start = time.monotonic()
    try:
        return part(root), time.monotonic() - start
    except RuntimeError as error:
        return f"FAILED: {error}", time.monotonic() - start


def compare(part, own, myld):
    """None, or how the two differ."""
    want, spent = attempt(part, own)
    got, used = attempt(part, myld)
    print(f"{part.__name__}: {spent:.0f} s, with myld.so {used:.0f} s; {len(want.splitlines())} lines compared", flush=True)
    if want.startswith("FAILED"):
        return f"by the system's own loader: {want}"
    if got == want:
        return None
    return "\n".join(list(difflib.unified_diff(want.splitlines(), got.splitlines(), "ld.so", "myld.so", n=0))[:60])


def whole(part, myld):
    got, used = attempt(part, myld)
    print(f"{part.__name__}: {used:.0f} s", flush=True)
    return got or None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        print("SKIPPED debian: it needs root, and debootstrap\n0 passed, 0 failed, 1 skipped")
        return 0
    myld = roots.make(options.suite, "myld")
    if options.short:
        problems = {part.__name__: whole(part, myld) for part in SHORT}
    else:
        own = roots.make(options.suite, "own")
        problems = {name: compare(part, own, myld) for name, part in PARTS.items()
                    if not options.parts or name in options.parts}
    for name, problem in problems.items():
        if problem:
            print(f"FAILED  {options.suite}/{name}")
            print("\n".join(f"        {line}" for line in problem.splitlines()))
    failed = sum(bool(problem) for problem in problems.values())
    print(f"{len(problems) - failed} passed, {failed} failed, 0 skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
