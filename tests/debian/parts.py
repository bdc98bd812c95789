"""The parts of the test: what is done in a root, and the text that has to be the same in both."""
import re
import shlex
import shutil
import xml.etree.ElementTree

import boot
import roots

# With what they depend on some 250.
PACKAGES = """bash-completion bc bsdextrautils bzip2 curl dc ed file gawk gdb git gnupg groff iputils-ping jq less
libpython3-stdlib lua5.4 man-db nano netcat-openbsd openssh-client openssl perl python3 python3-yaml rsync ruby sqlite3 strace
sudo tcl tmux unzip vim wget xz-utils zip zsh build-essential fakeroot debhelper""".split()
SHORT_PROGRAMS = {"bc": "--version", "file": "-b /usr/bin/perl", "jq": "-n '[1, 2]'",
                  "lua5.4": "-e 'print(2^10)'", "sqlite3": ":memory: 'select 6 * 7'"}
SHORT_PACKAGES = list(SHORT_PROGRAMS)
BUILT = ("hello", "gzip", "bash")
PYTHON_TESTS = """test_ctypes test_importlib test_threading test_subprocess test_embed test_faulthandler test_ssl
test_multiprocessing_fork test_multiprocessing_spawn test_posix test_sqlite3 test_zlib""".split()
GDB = roots.TOP / "tests/debian/gdb"
WATCHERS = roots.TOP / "tests/debian/watchers"
WATCHING = """ltrace uftrace strace elfutils gdb gdbserver lldb valgrind heaptrack procps libc-bin libc6-dbg gcc libc6-dev
libunwind-dev libtsan2 libasan8 libjemalloc2 libgoogle-perftools-dev faketime fakeroot eatmydata""".split()

PERL_ALL = " ".join(f"{folder}/*.t" for folder in ("op", "../ext/DynaLoader/t", "../dist/XSLoader/t", "../dist/threads/t",
                                                   "../dist/threads-shared/t", "../ext/POSIX/t"))
# Perl's tests look for modules in ../lib: those of the root's perl, instead of the source's, which are not built.
PERL_TESTS = """
test -e lib.source || mv lib lib.source
rm -rf lib && mkdir lib
for key in privlibexp archlibexp; do cp -rs "$(perl -MConfig -e "print \\$Config{$key}")/." lib/; done
cp -rsn /usr/lib/*-linux-gnu/perl-base/. lib/
cd t
ln -sf /usr/bin/perl perl
for test in $TESTS; do
	echo "== $test"
	options=$(sed -n '1s/^#!.*perl *//p' $test)
	case $test in
	op/*) timeout 900 ./perl $options $test ;;
	*) (cd "${test%/t/*}" && PERL_CORE=1 timeout 900 perl $options "t/${test##*/}") ;;
	esac 2>&1 || echo "exit $?"
done
"""

BASH_TESTS = """
cd tests
for program in recho zecho printenv xcase; do
	gcc -w -I.. -I../include -DHAVE_STRING_H -DHAVE_STDLIB_H -DHAVE_UNISTD_H -o $program ../support/$program.c || exit
done
export THIS_SH=/bin/bash PATH=.:$PATH BUILD_DIR=/nowhere BASH_TSTOUT=/tmp/bash-test TMPDIR=/tmp
for test in $TESTS; do
	case $test in run-all | run-minimal | run-gprof) continue ;; esac
	echo "== $test"
	timeout 900 sh ./$test 2>&1 </dev/null || echo "exit $?"
done
"""

# gdb's own tests of breakpoints and of what it knows by the loader: libraries that come and go, thread-local variables.
# Not among them: break-interp.exp, which tells frames of ld.so itself, and two for an ld.so with probes, which Debian's
# has not.
GDB_ALL = " ".join(f"gdb.{name}.exp" for name in """
base/*break* base/*solib* base/so-* base/*shlib* base/*probe* base/jit* base/attach* base/*pie base/pending base/unload
base/catch-load base/dlmopen base/info-shared base/print-symbol-loading base/vdso-warning
threads/tls* threads/dlopen-libpthread cp/exception
""".split())
GDB_TESTS = """
cd gdb/testsuite
test -e Makefile || ./configure >/dev/null
test -e site.exp || make -s site.exp
tests=$(ls $TESTS | grep -vE 'gdb.base/(break-interp|break-probes|solib-corrupted).exp' | sort -u)
timeout 1800 make -s check-single RUNTESTFLAGS="GDB=/usr/bin/gdb $(echo $tests)" >gdb.out 2>&1 || echo "exit $?"
cat gdb.sum
"""


def without_numbers(text):
    """But in the names of tests."""
    return re.sub(r"^(== .*)|\d+", lambda match: match[1] or "N", text, flags=re.M)


def version(root):
    """The loader is the one that is meant, and what debootstrap installed is whole."""
    said = root.loader()
    if ("myld.so" in said) != (root.kind == "myld"):
        return f"another loader: {said}"
    return root.must("dpkg --verify; dpkg --audit")


def add(root, packages, seconds=1800):
    root.must(f"apt-get -q install -y --no-install-recommends {packages}", seconds)


def apt(root, packages):
    add(root, " ".join(packages), 5400)
    return root.must("dpkg --verify; dpkg --audit; dpkg-query -W -f '${Package} ${Version} ${Status}\\n'")


def install(root):
    """Packages, whose maintainer scripts run under the loader; dpkg finds nothing amiss."""
    return apt(root, PACKAGES)


def install_few(root):
    """The same with a few packages; then each program beside itself under the loader that was there before."""
    apt(root, SHORT_PACKAGES)
    found = root.must("dpkg --verify; dpkg --audit")
    folder, name = root.machine.loader.rsplit("/", 1)
    before = f"/{folder}/system-{name}" if root.kind == "myld" else ""
    for program, words in SHORT_PROGRAMS.items():
        said = [root.must(f"{loader} /usr/bin/{program} {words}") for loader in ("", before)]
        if said[0] != said[1] or not said[0]:
            found += f"{program}: {said[0]}, by the system's own loader {said[1]}\n"
    return found


def build(root):
    """Source packages, whose binary packages of this machine have to be the same bytes."""
    found = []
    for name in BUILT:
        root.must(f"mkdir -p /build && cd /build && rm -rf {name} && mkdir {name} && cd {name} && "
                  f"apt-get -q build-dep -y --only-source --arch-only --no-install-recommends {name} && "
                  f"apt-get -q source --only-source {name}", 1800)
        root.must(f"cd /build/{name}/*/ && DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage --rules-requires-root -us -uc -B", 3600)
        found.append(root.must(f"cd /build/{name} && sha256sum *.deb"))
    return "".join(found)


def python(root):
    """The loader-near part of CPython's own tests: the same results, test by test."""
    add(root, "python3 gdb gcc libpython3-dev")
    add(root, "lib$(python3 -c 'import sys; print(\"python%d.%d\" % sys.version_info[:2])')-testsuite")
    said = root.sh("cd /tmp && rm -f tests.xml && python3 -m test -j1 --timeout 600 --junit-xml tests.xml "
                   f"{' '.join(PYTHON_TESTS)} 2>&1", 5400).output
    file = root.path / "tmp/tests.xml"
    results = [f"{test.get('name')} {' '.join(sorted(child.tag for child in test)) or 'ok'}\n"
               for test in xml.etree.ElementTree.parse(file).iter("testcase")] if file.exists() else []
    return "".join(sorted(results)) if len(results) > 500 else f"{len(results)} results\n{said[-3000:]}"


def users(root):
    """Programs with privileges of their own, and those that hand them out."""
    add(root, "libcap2-bin")  # gives ping its capability while that is installed
    add(root, "sudo iputils-ping openssh-client gnupg login passwd")
    root.must("id tester 2>/dev/null || useradd -m tester; echo 'tester ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/tester")
    return root.must("""
su tester -c 'id -un; LD_PRELOAD=/nowhere.so /bin/true'
su tester -c 'sudo -n id -un'
su tester -c 'ping -c 1 -W 5 127.0.0.1 | grep -c "1 received"'
rm -f /tmp/key; ssh-keygen -q -t ed25519 -N '' -f /tmp/key && ssh-keygen -l -f /tmp/key | grep -c ED25519
rm -rf /home/tester/.gnupg
su tester -c 'cd && umask 077 && echo "%echo x" | gpg --batch --list-keys; echo gpg $?'
for second in $(seq 60); do sleep 1; echo 'echo in as $LOGNAME; exit' 2>/dev/null || break; done |
	script -qec 'exec login -f tester' /dev/null | tr -d "\r" | grep -c '^in as tester'
passwd -S tester | cut -d" " -f1,2
""")


def source(root, package):
    """The package's source, unpacked in the root; its folder there."""
    folder = f"/source/{package}"
    root.must(f"test -e {folder}.ready || {{ apt-get -q install -y --no-install-recommends dpkg-dev && rm -rf {folder} && "
              f"mkdir -p {folder} && cd {folder} && apt-get -q source --only-source {package} && touch {folder}.ready; }}", 1800)
    return root.must(f"ls -d {folder}/*/").strip()


def perl(root, tests=PERL_ALL):
    """Perl's own tests of its language and of its modules near the loader, test by test."""
    add(root, "perl libc6-dev gcc")
    said = root.must(f"cd {source(root, 'perl')}\nTESTS='{tests}'\n" + PERL_TESTS, 5400)
    found = []
    for line in said.splitlines():
        if line.startswith(("== ", "exit ")):
            found.append(line)
        elif result := re.match(r"\s*(not ok|ok|1\.\.)( ?\d+)?[^#]*(# (?:skip|TODO))?", line, re.I):
            found.append("".join(result.groups("")))
    return "\n".join(found)


def bash(root, tests="run-[a-z]*"):
    """Bash's own tests: how what they print differs from what bash's authors expect."""
    add(root, "gcc libc6-dev diffutils")
    return without_numbers(root.must(f"cd {source(root, 'bash')}\nTESTS='{tests}'\n" + BASH_TESTS, 5400))


def gdb(root):
    """A session in a program whose libraries come and go (the folder gdb/)."""
    add(root, "gdb gcc libc6-dev")
    shutil.copytree(GDB, root.path / "gdb", dirs_exist_ok=True)
    root.must("cd /gdb && for name in early later; do gcc -g -fPIC -shared -Wl,-z,lazy -o lib$name.so $name.c; done && "
              "gcc -g -Wl,-z,lazy -Wl,-rpath,/gdb -o prog main.c -L. -learly")
    lines = [line for line in (GDB / "session.gdb").read_text().splitlines() if line and not line.startswith("#")]
    words = " ".join(f"-ex {shlex.quote(line)}" for line in lines)
    return outside_loader(root.must(f"cd /gdb && gdb -nx -batch {words} ./prog 2>&1"))


def gdb_tests(root, tests=GDB_ALL):
    """gdb's own tests, result by result."""
    add(root, "gdb dejagnu procps gcc g++ libc6-dev make")
    said = root.must(f"cd {source(root, 'gdb')}\nTESTS='{tests}'\n" + GDB_TESTS, 2400)
    said = re.sub(r"^Running \S+/(gdb\.\w+/\S+) \.\.\.$", r"== \1", said, flags=re.M)
    found = [line for line in said.splitlines() if re.match(r"== |exit |[A-Z]+: ", line)]
    return without_numbers("".join(line + "\n" for line in found))


def outside_loader(said):
    """What gdb says of the program and its libraries: without addresses, numbers of threads and the frames of
    the loader and of libc, which have no sources here."""
    said = re.sub(r"^0x\w+ +0x\w+ +Yes( \(\*\))? +", "", said, flags=re.M)
    said = re.sub(r"^#\d+ +", "# ", said, flags=re.M)
    said = re.sub(r"0x[0-9a-f]+|LWP \d+|process \d+", "N", said)
    said = re.sub(r'^([* ] \d+ +Thread) .*? "prog" .*', r"\1", said, flags=re.M)
    own = re.compile(r"(?<!/)\b(main|early|later)\.c\b")
    return "".join(line + "\n" for line in said.splitlines()
                   if own.search(line) or not re.match(r"#|\[|(N in )?\S+ \(.*\) (at|from) |(warning: )?\d+\t.*\.[cSh]: ", line))


def watchers(root):
    """Tracers, debuggers, profilers and preloaded libraries, each with the same program (the folder watchers/)."""
    add(root, " ".join(WATCHING))
    shutil.copytree(WATCHERS, root.path / "watchers", dirs_exist_ok=True)
    return root.sh("sh /watchers/watch.sh", 1800).output


FULL = (version, install, build, python, users, perl, bash, gdb, gdb_tests, watchers, boot.boot)
# Some of their tests depend on the time and the load: what differs is done again.
REPEATED = (perl, bash, gdb_tests)
SHORT = (version, install_few)
NATIVE = (gdb, gdb_tests, watchers, boot.boot)  # need ptrace(2), and a kernel


def of(machine):
    return [part for part in FULL if machine.native or part not in NATIVE]
