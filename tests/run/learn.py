#!/usr/bin/env python3
"""--learn-glibc: known layouts are taken away, and learning has to give them back exactly, or to refuse.

    learn.py [--all] [--filter TEXT] [-v]

A loader whose table lacks some columns is linked for each test; Debian's builds are what is learnt, and those
of `make test-foreign-builds` that are there.  Without --all, of the loaders that know a single layout only three
are tried.  Then programs and fixtures run by a
file that was learnt, and damaged files are told.  The last line is the tally, as run.py's.
"""
import argparse
import concurrent.futures
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
FOLDER = TOP / "build/learn"
TABLES = TOP / "ldso/libc/glibc/x86_64"
LDSO = "ld-linux-x86-64.so.2"
NOBODY = 65534

sys.path.insert(0, str(TOP / "ldso/libc/glibc/gen"))
import tables  # noqa: E402

OLDEST = 34
LAYOUTS = tables.Layouts(TABLES)
SINGLE = [name for name in LAYOUTS.base if LAYOUTS.minor[name] >= OLDEST]
SAMPLE = ["v2_36", "v2_40", "v2_42"]
# Debian's suites, the layouts of their builds, and what is said where one can't be learnt.
BUILDS = {
    "bullseye": ("v2_31_deb", r"glibc 2\.31 is older than 2\.34"),
    "bookworm": ("v2_36_2023_10", None),
    "trixie": ("v2_41", None),
    "sid": ("v2_43", None),
    # What is new in 2.44 no other version has.
    "experimental": ("v2_44", r"near v2_43: .*libc\.so\.6 accesses _rtld_global\+2120, where no known field is"),
}
# The same of builds that Debian does not have (tests/builds).
BUILT = {
    "built 2.31": ("v2_31", r"glibc 2\.31 is older than 2\.34"),
    "built 2.36-cet": ("v2_36_2023_10", r"it has no build-id"),
    "built 2.36-cet with a build-id": ("v2_36_2023_10", None),
    "built 2.43": ("v2_43", None),
}
SUBJECTS = {**BUILDS, **BUILT}
FIXTURES = ["hello", "glibc-threads", "glibc-first-state", "tls-dlopen", "glibc-dlmopen", "glibc-tunables",
            "glibc-unload", "glibc-fork", "glibc-ifunc", "exceptions", "glibc-static-tls", "small-stack"]


def once(function):
    """functools.cache(), where two threads that ask for the same wait for one of them."""
    lock, cached = threading.RLock(), functools.cache(function)

    @functools.wraps(function)
    def locked(*arguments):
        with lock:
            return cached(*arguments)
    return locked


# ---- Loaders and builds ----

def values(layout):
    return {key[0]: LAYOUTS.value(key, layout).replace("NONE", "-") for key in LAYOUTS.rows}


def is_offset(name):
    return not name.startswith("rules.")


def equal_to(layout):
    """The layouts with the same offsets."""
    want = {name: value for name, value in values(layout).items() if is_offset(name)}
    return [name for name in LAYOUTS.base
            if {n: v for n, v in values(name).items() if is_offset(n)} == want]


def write_tables(folder, kept):
    """The tables with these layouts alone, and without builds."""
    table = tables.Layouts(TABLES)
    cells = {name: {key: table.value(key, name) for key in table.rows} for name in kept}
    table.lines = [line for line in table.lines
                   if not (isinstance(line, str) and tables.call(line)[0] == "LAYOUT")]
    table.path, table.base = folder / "layouts.def", {}
    for name in kept:
        table.new_column(name, cells[name], str(LAYOUTS.minor[name]))
    table.write()
    # None of them is a build that is at hand.
    lists = list(tables.Tunables(TABLES).base)
    (folder / "builds.def").write_text(f'BUILD("{40 * "0"}", {kept[0]}, {lists[0]}, "2.0", "none")\n')


@once
def loader(*kept):
    """A loader that knows these layouts."""
    name = kept[0] if len(kept) == 1 else "without_" + "_".join(
        sorted(set(LAYOUTS.base) - set(kept)))
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(folder, list(kept))
    subprocess.run(["make", "-s", f"build/learn/{name}/myld.so"], cwd=TOP, check=True, stdout=subprocess.PIPE)
    return folder / "myld.so"


def without(*gone):
    return loader(*(name for name in LAYOUTS.base if name not in gone))


def built(name):
    return TOP / "build/glibc" / name.split()[1] / "lib"


@once
def libraries(suite):
    if suite.endswith(" with a build-id"):
        return with_build_id(suite.removesuffix(" with a build-id"))
    if suite in BUILT:
        return built(suite)
    done = subprocess.run([TOP / "tests/run/fetch.sh", suite, "x86_64", "libc6"], check=True, text=True,
                          stdout=subprocess.PIPE)
    return pathlib.Path(done.stdout.strip()) / "usr/lib/x86_64-linux-gnu"


def run(command, **env):
    return subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE, cwd=FOLDER,
                          stderr=subprocess.PIPE, timeout=60, stdin=subprocess.DEVNULL,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "MYLD_CACHE": "off", **env})


def learn(myld, folder, out, **env):
    out.unlink(missing_ok=True)
    return run([myld, "--learn-glibc", "-o", out, folder], **env)


def told(done):
    return f"exit {done.returncode}\n{done.stdout[-1500:]}{done.stderr}"


# ---- Right, or refused ----

def fields(path):
    return dict(line.split() for line in path.read_text().splitlines()[1:])


def is_refusal(done, out):
    return done.returncode == 127 and not done.stdout and not out.exists() and \
        re.fullmatch(r"myld\.so: \S+/libc\.so\.6: not learnt: .+\n", done.stderr)


def compared(done, out, layout):
    """None if a result is right or refused."""
    if done.returncode:
        return None if is_refusal(done, out) else told(done)
    got, want = fields(out), values(layout)
    wrong = [f"{name} {got.get(name)}, expected {want[name]}" for name in want if got.get(name) != want[name]]
    return "\n".join(wrong) or None


def own_layout_gone(suite):
    layout, why = SUBJECTS[suite]
    out = FOLDER / f"{suite}.own"
    done = learn(without(*equal_to(layout)), libraries(suite), out)
    problem = compared(done, out, layout)
    if problem or (done.returncode == 0) != (why is None) or (why and not re.search(why, done.stderr)):
        return problem or told(done)
    return None


def one_layout_known(layout):
    problems = []
    for suite in subjects():
        if SUBJECTS[suite][0] in equal_to(layout):
            continue
        out = FOLDER / f"{suite}.{layout}"
        done = learn(loader(layout), libraries(suite), out)
        problem = compared(done, out, SUBJECTS[suite][0])
        if problem:
            problems.append(f"{suite}: {problem}")
        elif done.returncode == 0:
            print(f"learnt   {suite} from {layout} alone")
    return "\n".join(problems) or None


def known_already():
    out = FOLDER / "known"
    done = learn(TOP / "build/x86_64/myld.so", libraries("trixie"), out)
    good = done.returncode == 0 and "nothing to learn" in done.stdout and not out.exists()
    return None if good else told(done)


# ---- Witnesses that disagree ----

def copied(suite, name, *, ldso=None):
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in ("libc.so.6", "libm.so.6", LDSO):
        source = libraries(ldso if ldso and file == LDSO else suite)
        shutil.copy((source / file).resolve(), folder / file)
    return folder


def symbol(path, name):
    """Its address, and where that is in the file."""
    rows = subprocess.run(["readelf", "-W", "--dyn-syms", path], check=True, text=True, stdout=subprocess.PIPE).stdout
    address = int(re.search(rf"^ *\d+: (\w+) .* {name}(@|$)", rows, re.M)[1], 16)
    loads = subprocess.run(["readelf", "-lW", path], check=True, text=True, stdout=subprocess.PIPE).stdout
    for offset, start, size in re.findall(r"^ +LOAD +(\w+) (\w+) \w+ (\w+)", loads, re.M):
        if int(start, 16) <= address < int(start, 16) + int(size, 16):
            return address - int(start, 16) + int(offset, 16)
    raise ValueError(name)


def patched(path, at, old, new):
    data = bytearray(path.read_bytes())
    where = data.index(old, at)
    if where > at + 256:
        raise ValueError(f"{path}: not there")
    data[where:where + len(old)] = new
    path.write_bytes(data)


def another_hook():
    """dlclose looks at another word than dlsym."""
    folder = copied("trixie", "hook")
    offset = int(values("v2_41")["ro.dlfcn_hook"])
    patched(folder / "libc.so.6", symbol(folder / "libc.so.6", "dlclose"), offset.to_bytes(4, "little"),
            (offset + 8).to_bytes(4, "little"))
    return refused_as(folder, r"ro\.dlfcn_hook")


def another_description():
    """nptl_db is told another size of struct pthread."""
    folder = copied("trixie", "description")
    libc = folder / "libc.so.6"
    size = int(values("v2_41")["pthread.size"])
    patched(libc, symbol(libc, "_thread_db_sizeof_pthread"), size.to_bytes(4, "little"),
            (size + 64).to_bytes(4, "little"))
    return refused_as(folder, r"pthread\.\w+ ")


def another_flag():
    """ld-linux tests another bit than l_contiguous, where no link map has its bits."""
    folder = copied("trixie", "flag")
    byte = int(values("v2_41")["map.contiguous_bit"]) // 8
    patched(folder / LDSO, symbol(folder / LDSO, "_dl_find_dso_for_object"), byte.to_bytes(4, "little"),
            (byte + 512).to_bytes(4, "little"))
    return refused_as(folder, r"map\.contiguous_bit")


def with_build_id(suite):
    """A copy whose ABI-tag note has become a build-id: ld.so does not read it, nor does the loader."""
    folder = copied(suite, f"{suite} with a build-id".replace(" ", "-"))
    libc, note = folder / "libc.so.6", b"\x10\0\0\0\x01\0\0\0GNU\0"
    patched(libc, libc.read_bytes().index(note), note, note.replace(b"\x01", b"\x03"))
    return folder


def of_build_id(suite, name, change):
    """A copy of a build, with change applied to the header of libc.so.6's build-id note."""
    folder = copied(suite, name)
    libc, note = folder / "libc.so.6", b"\x14\0\0\0\x03\0\0\0GNU\0"
    patched(libc, libc.read_bytes().index(note), note, change(note))
    return folder


def no_build_id():
    return refused_as(of_build_id("trixie", "no-id", lambda note: note.replace(b"GNU", b"GNV")),
                      r": not learnt: it has no build-id\n$")


def short_build_id():
    """One of 16 bytes, as --build-id=md5 makes it."""
    folder = of_build_id("trixie", "short-id", lambda note: note.replace(b"\x14", b"\x10"))
    path = folder / "myld/layouts" / build_id(libraries("trixie") / "libc.so.6")[:32]
    path.parent.mkdir(parents=True)
    myld = without(*equal_to("v2_41"))
    done = learn(myld, folder, path)
    problem = compared(done, path, "v2_41")
    if problem or done.returncode:
        return problem or told(done)
    done = run([myld, "--no-system-loader", "--library-path", folder, "/bin/echo", "started"],
               XDG_CONFIG_HOME=str(folder))
    return None if done.stdout == "started\n" else told(done)


def another_ldso():
    return refused_as(copied("trixie", "mixed", ldso="sid"), "libc.so.6")


def no_ldso():
    folder = copied("trixie", "alone")
    (folder / LDSO).unlink()
    done = learn(without(*equal_to("v2_41")), folder, FOLDER / "out")
    good = done.returncode == 127 and f"{LDSO}: No such file" in done.stderr
    return None if good else told(done)


def refused_as(folder, why):
    out = folder / "out"
    done = learn(without(*equal_to("v2_41")), folder, out)
    if done.returncode != 127 or out.exists() or done.stdout:
        return told(done)
    return None if re.search(why, done.stderr) else told(done)


# ---- Starts by a file ----

def build_id(path):
    notes = subprocess.run(["readelf", "-n", path], check=True, text=True, stdout=subprocess.PIPE).stdout
    return re.search(r"Build ID: (\w+)", notes)[1]


@once
def configured(suite):
    """The loader without the layout of a suite, the suite's libraries, a directory of configuration with
    the layout that was learnt, and its path."""
    home = FOLDER / f"{suite}.config"
    shutil.rmtree(home, ignore_errors=True)
    folder = libraries(suite)
    path = home / "myld/layouts" / build_id(folder / "libc.so.6")
    path.parent.mkdir(parents=True)
    myld = without(*equal_to(BUILDS[suite][0]))
    done = learn(myld, folder, path)
    if done.returncode:
        raise RuntimeError(told(done))
    return myld, folder, home, path


PROGRAMS = [["bash", "-c", "echo $((6 * 7)); x=$(printf %s sub); echo $x"],
            ["python3", "-c", "import threading, ssl, sqlite3, decimal; t = threading.Thread(target=print, args=(1,)); "
             "t.start(); t.join(); print(sqlite3.connect(':memory:').execute('select 2').fetchone())"],
            ["perl", "-MPOSIX", "-e", "print POSIX::floor(2.5), fork ? wait > 0 : exit, qq(\\n)"],
            ["xz", "-T2", "--version"], ["git", "--version"]]


def programs(suite):
    myld, folder, home, _ = configured(suite)
    for words in PROGRAMS:
        program = shutil.which(words[0], path="/usr/bin:/bin")
        if not program:
            continue
        want = run([folder / LDSO, "--library-path", f"{folder}:/usr/lib/x86_64-linux-gnu", program, *words[1:]])
        got = run([myld, "--no-system-loader", "--library-path", f"{folder}:/usr/lib/x86_64-linux-gnu", program,
                   *words[1:]], XDG_CONFIG_HOME=str(home))
        if (got.returncode, got.stdout) != (want.returncode, want.stdout) or want.returncode:
            return f"{words[0]}: {told(got)}expected: {told(want)}"
    return None


def fixtures():
    """Those of this machine's libc, and nothing else runs them."""
    myld, _, home, _ = configured("bookworm")
    command = [TOP / "tests/run/run.py", "--machine", "x86_64", "--libc", "glibc", "--loader", myld]
    for name in FIXTURES:
        command += ["--fixture", name]
    done = run(command, XDG_CONFIG_HOME=str(home), MYLD_NO_SYSTEM_LOADER="1", PYTHONDONTWRITEBYTECODE="1",
               HOME=os.environ.get("HOME", "/"))
    tally = re.search(r"^(\d+) passed, 0 failed", done.stdout, re.M)
    return None if tally and int(tally[1]) > 20 else done.stdout[-3000:] + done.stderr


def is_told():
    myld, folder, home, path = configured("trixie")
    done = run([myld, "--list-glibc", folder / "libc.so.6"], XDG_CONFIG_HOME=str(home))
    good = done.returncode == 0 and "its layout was learnt" in done.stdout
    done = run([myld, "--list-glibc", folder / "libc.so.6"])
    return None if good and done.returncode == 1 else told(done)


def no_call_for_known():
    """A libc that a known layout fits causes no look at files of layouts."""
    _, folder, home, _ = configured("trixie")
    for layout, expected in (("build/x86_64/myld.so", 0), ("build/learn/without_v2_41/myld.so", 1)):
        log = FOLDER / "strace"
        run(["strace", "-f", "-o", log, "-e", "trace=openat", TOP / layout, "--library-path", folder, "/bin/true"],
            XDG_CONFIG_HOME=str(home))
        if ("myld/layouts" in log.read_text()) != bool(expected):
            return f"{layout}:\n{log.read_text()}"
    return None


# ---- Places ----

def own_place():
    """A user that is not root has it below ~/.config, and starts find it there."""
    if os.geteuid():
        return None
    myld, folder, _, _ = configured("trixie")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as home:
        os.chown(home, NOBODY, NOBODY)
        for file in (myld, *(folder / name for name in ("libc.so.6", "libm.so.6", LDSO))):
            shutil.copy(file.resolve(), pathlib.Path(home) / file.name)
        as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        command = [*as_user, f"{home}/myld.so"]
        done = run([*command, "--learn-glibc", home], HOME=home)
        path = pathlib.Path(home) / ".config/myld/layouts" / build_id(folder / "libc.so.6")
        if done.returncode or not path.exists() or f"{path}: written" not in done.stdout:
            return told(done)
        start = [*command, "--no-system-loader", "--library-path", home, "/bin/true"]
        done = run(start, HOME=home)
        if done.returncode:
            return told(done)
        done = run(start)
        if done.returncode != 127:
            return "without HOME: " + told(done)
        os.chown(path, 1, 1)
        done = run(start, HOME=home)
        return None if done.returncode == 127 and "others may have written it" in done.stderr else told(done)


def systems_place():
    """Root's is /etc/myld/layouts, here in a private /etc."""
    if os.geteuid():
        return None
    myld, folder, _, _ = configured("trixie")
    done = run(["unshare", "-m", "sh", "-ec", f"""
        mount -t tmpfs none {FOLDER}/etc; mkdir {FOLDER}/etc/up {FOLDER}/etc/work
        mount -t overlay none -o lowerdir=/etc,upperdir={FOLDER}/etc/up,workdir={FOLDER}/etc/work /etc
        {myld} --learn-glibc {folder}
        test -f /etc/myld/layouts/{build_id(folder / "libc.so.6")}
        {myld} --no-system-loader --library-path {folder} /bin/echo started"""], HOME="/nonexistent")
    good = done.returncode == 0 and done.stdout.endswith("written\nstarted\n")
    return None if good and not os.path.exists(f"/etc/myld/layouts/{build_id(folder / 'libc.so.6')}") else told(done)


# ---- Damaged files ----

def edit(old, new):
    return lambda text: text.replace(old, new, 1)


DAMAGE = [
    ("empty", lambda text: "", r":1: not a layout file of version 1"),
    ("binary", lambda text: "\x7fELF" + text, r":1: not a layout file of version 1"),
    ("version", edit("myld-layout 1", "myld-layout 2"), r":1: not a layout file of version 1"),
    ("machine", edit("x86_64", "riscv64"), r":1: of machine riscv64, not x86_64"),
    ("build-id", lambda text: re.sub(r"\b[0-9a-f]{40}\b", 40 * "a", text), r":1: of build-id a{40}"),
    ("near", lambda text: re.sub(r" v\S+\n", " v1_0\n", text, count=1), r":1: no layout v1_0 is known"),
    ("short", lambda text: text[:len(text) // 2], r":\d+: "),
    ("without its last line", lambda text: "\n".join(text.split("\n")[:-2]) + "\n", r":\d+: expected rules\.\w+"),
    ("long", lambda text: text + "ro.more 8\n", r":\d+: more than there are fields"),
    ("twice", lambda text: text.replace("\nro.", "\nro.platform 8\nro.", 1), r":2: expected ro\.debug_mask"),
    ("number", edit("ro.clktck 64", "ro.clktck 6x4"), r":\d+: ro\.clktck: expected a number"),
    ("large", edit("ro.clktck 64", "ro.clktck 65536"), r":\d+: ro\.clktck: expected a number"),
    ("outside", edit("ro.clktck 64", "ro.clktck 60000"), r":\d+: ro\.clktck: 60000 is outside of the structure"),
    ("absent", edit("ro.clktck 64", "ro.clktck -"), r":\d+: ro\.clktck: no glibc is without it"),
    ("size", lambda text: re.sub(r"global\.size \d+", "global.size 65000", text), r"layouts/\w+: a structure is larger"),
    ("processor", edit("cpu.features_count 10", "cpu.features_count 200"), r":\d+: cpu\.features_count: not as in v"),
    ("rule", lambda text: re.sub(r"rules\.closed_first \d", "rules.closed_first 7", text),
     r":\d+: rules\.closed_first: 7 is no known rule"),
]


def damaged(name):
    """The file and the line are told; then its own loader runs the program, or nothing does."""
    _, change, message = next(row for row in DAMAGE if row[0] == name)
    myld, folder, _, path = configured("trixie")
    with tempfile.TemporaryDirectory(dir=FOLDER) as home:
        file = pathlib.Path(home) / "myld/layouts" / path.name
        file.parent.mkdir(parents=True)
        file.write_text(change(path.read_text()))
        return refuses_file(myld, folder, home, message)


def refuses_file(myld, folder, home, message):
    for options, status in (["--no-system-loader"], 127), ([], 0):
        done = run([myld, *options, "--library-path", folder, "/bin/cat", "/proc/self/maps"], XDG_CONFIG_HOME=home)
        if done.returncode != status or not re.search(message, done.stderr) or \
                (status == 0 and (LDSO not in done.stdout or done.stderr.count("\n") != 1)):
            return f"{options}: expected {message}: {told(done)}"
    return None


def writable():
    myld, folder, _, path = configured("trixie")
    with tempfile.TemporaryDirectory(dir=FOLDER) as home:
        file = pathlib.Path(home) / "myld/layouts" / path.name
        file.parent.mkdir(parents=True)
        shutil.copy(path, file)
        file.chmod(0o664)
        return refuses_file(myld, folder, home, r"layouts/\w+: not used: others may have written it")


# ---- Remembered starts ----

def remembered():
    """A start by a plan notices that the file is another."""
    myld, folder, _, path = configured("trixie")
    with tempfile.TemporaryDirectory(dir=FOLDER) as home:
        file = pathlib.Path(home) / "myld/layouts" / path.name
        store = pathlib.Path(home) / "cache/myld"
        file.parent.mkdir(parents=True)
        store.mkdir(parents=True, mode=0o700)
        shutil.copy(path, file)
        seen = []
        for change in (False, False, True):
            if change:
                file.write_text(file.read_text())
            time.sleep(0.06)  # what is younger than that is not believed
            done = run([myld, "--no-system-loader", "--library-path", folder, "/bin/true"], XDG_CONFIG_HOME=home,
                       XDG_CACHE_HOME=f"{home}/cache", MYLD_CACHE="bindings")
            if done.returncode:
                return told(done)
            seen.append({(p.name, p.stat().st_mtime_ns) for p in store.glob("*.plan")})
        if not seen[0] or seen[0] != seen[1] or seen[1] == seen[2]:
            return f"no start by a plan, or one too many: {seen}"
        file.write_text("nonsense\n")
        return refuses_file(myld, folder, home, ":1: not a layout file")


# ---- All of it ----

def subjects():
    """What can be learnt here."""
    return [name for name in SUBJECTS if name in BUILDS or built(name).exists()]


def tests(everything):
    yield from ((f"{name} without its layout", functools.partial(own_layout_gone, name)) for name in subjects())
    yield from ((f"{layout} alone is known", functools.partial(one_layout_known, layout))
                for layout in (SINGLE if everything else SAMPLE))
    yield from ((f.__name__.replace("_", " "), f) for f in (
        known_already, another_hook, another_description, another_flag, another_ldso, no_ldso, no_build_id, short_build_id, is_told,
        no_call_for_known, own_place, systems_place, writable, remembered, fixtures))
    yield from ((f"programs with {suite}", functools.partial(programs, suite))
                for suite in ("bookworm", "trixie", "sid"))
    yield from ((f"damaged: {row[0]}", functools.partial(damaged, row[0])) for row in DAMAGE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="each of the layouts as the only one that is known")
    parser.add_argument("--filter", default="", help="only tests with this in their name")
    parser.add_argument("-v", "--verbose", action="store_true", help="name what passes too")
    options = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "etc").mkdir(parents=True)
    chosen = [(name, f) for name, f in tests(options.all) if options.filter in name]
    missing = [name for name in SUBJECTS if name not in subjects() and options.filter in name]
    failed = 0
    for name in missing:
        print(f"SKIPPED learn: {name}\n        it is not built: make test-foreign-builds")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, problem in zip([name for name, _ in chosen], pool.map(lambda test: attempt(test[1]), chosen)):
            failed += problem is not None
            if problem is not None:
                print(f"FAILED  learn: {name}")
                print("\n".join("        " + line for line in problem.splitlines()))
            elif options.verbose:
                print(f"PASSED  learn: {name}")
    print(f"{len(chosen) - failed} passed, {failed} failed, {len(missing)} skipped")
    return 1 if failed or not chosen + missing else 0


def attempt(function):
    try:
        return function()
    except (OSError, RuntimeError, ValueError, KeyError, subprocess.SubprocessError) as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.exit(main())
