#!/usr/bin/env python3
"""Does a glibc see the same processor under our loader as under its own ld.so?

Three comparisons, for each version of glibc:
  features  struct cpu_features, byte for byte, as the real ld.so fills it (ifunc.trace) and as we
            do (ifunc.fill): on this processor, with tunables (and what --list-tunables says), on
            every model that Intel could have made, and on random processors of all vendors
            (--seed, --random N)
  models    the same on the processors that qemu-user knows, where the real ld.so runs in qemu
  choices   the function that each IFUNC symbol of libc.so.6 and libm.so.6 is bound to, sysconf()'s
            cache sizes and cpu_features, by one program under both loaders (--loader COMMAND)
With --of LAYOUT=LD.SO, "features" for a glibc that was built elsewhere, under the name of its layout.
The last line is the tally.
"""
import argparse
import concurrent.futures
import os
import pathlib
import platform
import random
import re
import shlex
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
OUT = TOP / "build" / "tests" / "ifunc"
MULTIARCH = "usr/lib/x86_64-linux-gnu"
SUITES = ["bullseye", "bookworm", "trixie", "sid", "experimental"]
FLAGS = ["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Ildso",
         "-Ildso/arch/x86_64", "-iquote", "ldso/libc/glibc/x86_64", "-I.", "-Itests/run"]
MODELS = ["core2duo", "Penryn", "Nehalem", "Westmere", "SandyBridge", "IvyBridge", "Haswell",
          "Haswell-noTSX", "Broadwell", "Skylake-Client", "Skylake-Server", "Cascadelake-Server",
          "Icelake-Server", "Denverton", "Snowridge", "KnightsMill", "Opteron_G1", "Opteron_G3",
          "Opteron_G5", "phenom", "EPYC", "EPYC-Rome", "EPYC-Milan", "Dhyana", "qemu64", "max",
          "max,vendor=CentaurHauls,family=7,model=0x3b",
          "max,vendor=CentaurHauls,family=7,model=0x5b"]
TUNABLES = [
    {"x86_data_cache_size": "0x10000"}, {"x86_shared_cache_size": "0x1000000"},
    {"x86_non_temporal_threshold": "0x4041"}, {"x86_non_temporal_threshold": "0x4040"},
    {"x86_non_temporal_threshold": "0x1000000000000000"},
    {"x86_memset_non_temporal_threshold": "0x8000"},
    {"x86_rep_movsb_threshold": "0x1001"}, {"x86_rep_movsb_threshold": "100"},
    {"x86_rep_stosb_threshold": "4096"}, {"x86_rep_stosb_threshold": "1"},
    {"prefer_map_32bit_exec": "1"},
    {"hwcaps": "-AVX2,-ERMS,Prefer_ERMS,Slow_BSF"}, {"hwcaps": "-XSAVEC"},
    {"hwcaps": "-XSAVE,-XSAVEC"}, {"hwcaps": "-OSXSAVE"}, {"hwcaps": "-AVX512F,Prefer_No_AVX512"},
    {"hwcaps": "-XSAVEC_Usable,-AVX2_Usable,-SSE2"}, {"hwcaps": "-I586,-I686,I586,SHSTK"},
    {"hwcaps": "Avoid_STOSB,-Avoid_Non_Temporal_Memset,Prefer_No_VZEROUPPER,nonsense,-,-nonsense"},
    {"hwcaps": "-SSE4_2,Slow_SSE4_2,-AVX,Prefer_No_VZEROUPPER,-AVX_Fast_Unaligned_Load"},
    {"hwcaps": "Fast_Copy_Backward,Fast_Unaligned_Copy,-Fast_Unaligned_Load,-Fast_Rep_String,"
               "MathVec_Prefer_No_AVX512,Prefer_PMINUB_for_stringop,Prefer_FSRM,-Slow_BSF"},
]


def output(*command, **more):
    """What a command prints; its failure is an exception that names it."""
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, **more)
    if done.returncode:
        raise RuntimeError("%s: exit %d: %s" % (command[0], done.returncode, done.stderr.strip()))
    return done.stdout


class Glibc:
    """One libc: where it is, and what the comparisons need to know of its ld.so.

    build_id: what the tables know it by, which may also be the name of its layout.
    """

    def __init__(self, ldso, build_id, builds):
        directory = ldso.parent
        self.directory, self.ldso, self.build_id = directory, ldso, build_id
        if self.build_id not in builds:
            raise RuntimeError(f"{directory}/libc.so.6: no layout for build-id {self.build_id}")
        self.version, self.offset, self.size, self.xsave = builds[self.build_id]
        symbols = output("readelf", "-W", "--dyn-syms", self.ldso)
        address = re.search(r"([0-9a-f]+)\s+\d+ OBJECT .* _rtld_global_ro@", symbols).group(1)
        self.address = int(address, 16) + self.offset
        self.sites = re.findall(r"^ *([0-9a-f]+):.*\t(?:cpuid|xgetbv)",
                                output("objdump", "-d", self.ldso), re.M)

    def ifuncs(self):
        """library symbol version, a line each."""
        lines = []
        for library in ("libc.so.6", "libm.so.6"):
            table = output("readelf", "-W", "--dyn-syms", self.directory / library)
            lines += [f"{library} {name} {version}" for name, version in
                      re.findall(r" IFUNC .* (\w+)@@?([\w.]+)$", table, re.M)]
        return "\n".join(lines) + "\n"


def build():
    """The two programs that need no libc but this machine's; returns their paths."""
    OUT.mkdir(parents=True, exist_ok=True)
    output("gcc", *FLAGS, "-Dcpuid=real_cpuid", "-Dcpuid_xcr0=real_cpuid_xcr0", "-c",
           "-o", OUT / "cpuid.o", "ldso/arch/x86_64/cpuid.c", cwd=TOP)
    sources = ["tests/run/ifunc.fill.c", OUT / "cpuid.o", "ldso/arch/x86_64/isa.c",
               *[TOP / "ldso/libc/glibc/x86_64" / f"{name}.c"
                 for name in ("cpu", "cpu_caches", "features", "hwcaps_tunable", "preferences",
                              "tuning")],
               "ldso/libc/glibc/tables.c"]
    output("gcc", *FLAGS, "-static", "-o", OUT / "fill", *sources, cwd=TOP)
    output("gcc", *FLAGS, "-o", OUT / "trace", "tests/run/ifunc.trace.c", cwd=TOP)
    return OUT / "fill", OUT / "trace"


def build_probe(oldest):
    target = OUT / "probe"
    libraries = [oldest / name for name in ("libc.so.6", "libdl.so.2", "libm.so.6")]
    output("gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-fno-builtin", "-fno-stack-protector",
           "-nostdlib", "-fPIE", "-pie", "-Wl,--no-as-needed", "-o", target,
           TOP / "tests/run/ifunc.probe.c", *libraries)
    return target


def known_builds(fill):
    builds = {}
    for line in output(fill).splitlines():
        build_id, version, *numbers = line.split()
        builds[build_id] = version, *map(int, numbers)
    return builds


def installed(directory, builds):
    """The libc of a directory, by its build-id."""
    notes = output("readelf", "-n", directory / "libc.so.6")
    return Glibc(directory / "ld-linux-x86-64.so.2",
                 re.search(r"Build ID: (\w+)", notes).group(1), builds)


def fetch(suite):
    directory = output(TOP / "tests/run/fetch.sh", suite, "x86_64", "libc6").strip()
    return pathlib.Path(directory) / MULTIARCH


def difference(glibc, real, ours, left_out=()):
    """None, or the words that differ but those at left_out."""
    if real == ours:
        return None
    real, ours = bytes.fromhex(real), bytes.fromhex(ours)
    words = ["+%d: %s, not %s" % (at, real[at:at + 4][::-1].hex(), ours[at:at + 4][::-1].hex())
             for at in range(0, glibc.size, 4)
             if real[at:at + 4] != ours[at:at + 4] and at not in left_out]
    return f"glibc {glibc.version}: cpu_features is " + "; ".join(words[:6]) \
        if words else None


def with_tunables(tunables):
    if not tunables:
        return dict(os.environ)
    words = [f"glibc.cpu.{name}={value}" for name, value in tunables.items()]
    return {**os.environ, "GLIBC_TUNABLES": ":".join(words)}


class Features:
    """cpu_features as ld.so fills it beside ours."""

    def __init__(self, fill, trace):
        self.fill, self.trace = fill, trace

    def compare(self, glibc, cpu, tunables=None):
        tunables = tunables or {}
        real = output(self.trace, cpu, glibc.ldso, hex(glibc.address), glibc.size, *glibc.sites,
                      env=with_tunables(tunables)).splitlines()[0]
        ours = output(self.fill, glibc.build_id, cpu,
                      *[f"{n}={v}" for n, v in tunables.items()]).splitlines()[0]
        return difference(glibc, real, ours)

    def compare_listing(self, glibc, tunables=None):
        """The values and bounds that --list-tunables shows."""
        tunables = tunables or {}
        shown = output(glibc.ldso, "--list-tunables", env=with_tunables(tunables))
        ours = output(self.fill, glibc.build_id, "-", *[f"{n}={v}" for n, v in tunables.items()])
        for line in ours.splitlines()[2:]:
            name, *numbers = line.split()
            real = re.search(rf"{name}: (\w+) \(min: (\w+), max: (\w+)\)", shown)
            if real is None and int(numbers[2], 16) == 0:
                continue  # this version has no such tunable
            real = [int(n, 16) for n in real.groups()] if real else []
            if real != [int(n, 16) for n in numbers]:
                return "%s is %s, not %s" % (name, " ".join(map(hex, real)), " ".join(numbers))
        return None

    def compare_table(self, glibc, rows):
        """rows: {(leaf, subleaf): (eax, ebx, ecx, edx)}, and "xcr0"."""
        with tempfile.NamedTemporaryFile("w", dir=OUT, suffix=".cpu") as file:
            for key, value in rows.items():
                if key == "xcr0":
                    file.write("xcr0: %x\n" % value)
                else:
                    file.write("%x %x: %x %x %x %x\n" % (*key, *value))
            file.flush()
            return self.compare(glibc, file.name)


NAMES = {"intel": b"GenuineIntel", "amd": b"AuthenticAMD", "hygon": b"HygonGenuine",
         "zhaoxin": b"CentaurHauls", "shanghai": b"  Shanghai  ", "other": b"SomebodyElse"}
DESCRIPTORS = [*range(0x06, 0x0f), *range(0x21, 0x30), *range(0x39, 0x50), 0x60, *range(0x66, 0x69),
               *range(0x78, 0x88), *range(0xd0, 0xee)]


def some_bits(rng):
    """A register: all ones, few or many."""
    return rng.choice([0xffffffff, rng.getrandbits(32), rng.getrandbits(32) | rng.getrandbits(32),
                       rng.getrandbits(32) & rng.getrandbits(32)])


def signature(family, model, stepping):
    """Leaf 1's eax."""
    base = min(family, 15)
    return ((family - base) << 20) | (model >> 4 << 16) | base << 8 | (model & 15) << 4 | stepping


def cache_row(rng, kind, level):
    ebx = (rng.choice([3, 7, 11, 15]) << 22) | (rng.choice([0, 0, 1]) << 12) | 63
    eax = rng.choice([0, 1, 3, 7, 15, 31, 63]) << 14 | level << 5 | kind
    return eax, ebx, rng.choice([63, 127, 1023, 2047, 16383]), rng.getrandbits(3)


def random_rows(rng, leaf, rows):
    """Caches as leaf 4 and 0x8000001d tell them, in this order: L1D, L1I, L2, then L3, L4."""
    for i, (kind, level) in enumerate([(1, 1), (2, 1), (3, 2), (3, 3), (3, 4)]):
        if i > 2 and rng.random() < 0.3:
            break
        rows[leaf, i] = cache_row(rng, kind, level)


def random_identity(rng):
    vendor = rng.choice(["intel", "intel", "amd", "amd", "hygon", "zhaoxin", "shanghai", "other"])
    family, model = {
        "intel": (rng.choice([6, 6, 6, 15, 18, 19]), rng.getrandbits(8)),
        "amd": (rng.choice([15, 0x10, 0x15, 0x15, 0x17, 0x19, 0x1a]), rng.getrandbits(8)),
        "hygon": (0x18, rng.getrandbits(4)),
    }.get(vendor, (rng.choice([6, 7]), rng.choice([0xf, 0x19, 0x1b, 0x3b, 0x5b, 0x6b])))
    return vendor, signature(family, model, rng.getrandbits(4))


def random_cpu(rng):
    vendor, eax = random_identity(rng)
    name = [int.from_bytes(NAMES[vendor][i:i + 4], "little") for i in (0, 4, 8)]
    top = rng.choice([4, 7, 0xb, 0xd, 0x14, 0x19, 0x1f, 0x24])
    extended = 0x80000000 + rng.choice([0, 1, 5, 6, 7, 8, 0x1d, 0x1e, 0x1e, 0x1e])
    rows = {(0, 0): (top, name[0], name[2], name[1]),
            (1, 0): (eax, rng.choice([1, 2, 4, 8, 16, 64]) << 16, some_bits(rng),
                     some_bits(rng)),
            (0x80000000, 0): (extended, 0, 0, 0)}
    rows[2, 0] = [rng.choice(DESCRIPTORS + [0xff] * 8 + [0x40, 0, 0, 0]) << 24 & 0x7f000000 |
                  rng.choice(DESCRIPTORS + [0xff] * 8) << 16 | rng.choice([0, 0xff, 0x40, 0xd8]) << 8
                  | rng.choice(DESCRIPTORS + [0, 0]) for _ in range(4)]
    rows[2, 0][0] = rows[2, 0][0] & ~0xff | rng.choice([1, 1, 1, 1, 3])
    random_rows(rng, 4, rows)
    rows[0xb, 0] = (0, rng.choice([1, 2, 4]), 0x100, 0)
    rows[0xb, 1] = (0, rng.choice([0, 4, 12, 32, 128]), 0x201, 0)
    for key in [(7, 0), (7, 1), (0xd, 1), (0x14, 0), (0x19, 0), (0x24, 0), (0x80000001, 0),
                (0x80000007, 0), (0x80000008, 0)]:
        rows[key] = tuple(some_bits(rng) for _ in range(4))
    rows[0xd, 0] = (0, rng.choice([0, 576, 832, 2696, 11008]), 0, 0)
    for i in range(2, 20):
        rows[0xd, i] = (rng.choice([0, 8, 64, 256, 1024]), 0, rng.getrandbits(2), 0)
    for leaf in (0x80000005, 0x80000006):
        rows[leaf, 0] = tuple(rng.getrandbits(32) & ~0xff | 64 for _ in range(4))
    if rng.random() < 0.7:
        random_rows(rng, 0x8000001d, rows)
    rows["xcr0"] = rng.choice([1, 3, 7, 7, 0xe7, 0xe7, 0x602e7, 0xe02e7])
    # Some of Zhaoxin's have a leaf 4 that ends; without L3 glibc would look for it for ever.
    if vendor in ("zhaoxin", "shanghai"):
        for i, what in enumerate([(1, 1), (2, 1), (3, 2), (3, 3)]):
            rows[4, i] = cache_row(rng, *what)
    return rows


def intel_model(model, family=6, avx=True):
    """A processor by its model number."""
    rng = random.Random(model)
    name = [int.from_bytes(NAMES["intel"][i:i + 4], "little") for i in (0, 4, 8)]
    rows = {(0, 0): (0xd, name[0], name[2], name[1]), (2, 0): (0xff01, 0, 0, 0),
            (1, 0): (signature(family, model, model % 14), 0x100000,
                     0xffffffff if avx else 0xe7ffffff, 0xffffffff),
            (7, 0): (0, 0xf7ffffff if avx else 0xff, 0, 0), "xcr0": 0xe7,
            (0x80000000, 0): (0x80000000, 0, 0, 0)}
    random_rows(rng, 4, rows)
    return rows


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def count(self, name, check, *arguments):
        try:
            problem = check(*arguments)
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            problem = str(error)
        if problem:
            self.failed += 1
            print(f"FAILED  {name}: {problem}", flush=True)
        else:
            self.passed += 1

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, 0 skipped")
        return 1 if self.failed else 0


def check_features(tally, glibcs, features, options):
    jobs = []
    for glibc in glibcs:
        jobs.append((f"{glibc.version} this processor", features.compare, glibc, "-"))
        jobs += [(f"{glibc.version} {t}", features.compare, glibc, "-", t) for t in TUNABLES]
        if int(glibc.version.split(".")[1]) >= 33:  # has --list-tunables
            jobs += [(f"{glibc.version} --list-tunables {t}", features.compare_listing, glibc, t)
                     for t in [None, *TUNABLES]]
        for model in range(256):
            jobs += [(f"{glibc.version} Intel model {model:#x} {avx=}", features.compare_table,
                      glibc, intel_model(model, avx=avx)) for avx in (True, False)]
        for family in (15, 18, 19):
            jobs += [(f"{glibc.version} Intel family {family} model {model}",
                      features.compare_table, glibc, intel_model(model, family))
                     for model in range(5)]
        for i in range(options.random):
            seed = f"{options.seed}/{i}"
            jobs.append((f"{glibc.version} random processor --seed {options.seed} number {i}",
                         features.compare_table, glibc, random_cpu(random.Random(seed))))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(lambda job: tally.count(*job), jobs))


def run_probe(glibc, probe, command, symbols):
    return output(*command, "--library-path", glibc.directory, probe, glibc.offset, glibc.size,
                  input=symbols)


def compare_model(glibc, probe, fill, model):
    qemu = ["qemu-x86_64", "-cpu", model]
    real = run_probe(glibc, probe, [*qemu, glibc.ldso], "").splitlines()[0]
    ours = output(*qemu, fill, glibc.build_id, "-").splitlines()[0]
    return difference(glibc, real, ours)


def compare_choices(glibc, probe, loader):
    symbols = glibc.ifuncs()
    real = run_probe(glibc, probe, [glibc.ldso], symbols).splitlines()
    ours = run_probe(glibc, probe, loader, symbols).splitlines()
    if len(real) < 100 or any(line.endswith("not found") for line in real):
        return "the real ld.so does not find the symbols"
    if len(real) != len(ours):
        return f"{len(ours)} lines, not {len(real)}"
    wrong = [f"{a}, not {b.split()[-1]}" for a, b in zip(real[1:], ours[1:]) if a != b]
    # The loader leaves xsave_state_size and _full_size out: only ld.so's own code reads them.
    first = difference(glibc, real[0], ours[0], range(glibc.xsave, glibc.xsave + 12, 4))
    return "; ".join(([first] if first else []) + wrong[:8]) or None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", metavar="features|models|choices",
                        help="these comparisons alone")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--random", type=int, default=200, metavar="N")
    parser.add_argument("--loader", default=str(TOP / "myld.so"), metavar="COMMAND")
    parser.add_argument("--of", nargs="*", default=[], metavar="LAYOUT=LD.SO")
    options = parser.parse_args()
    if platform.machine() != "x86_64":
        print("SKIPPED ifunc: the machine is no x86_64\n0 passed, 0 failed, 1 skipped")
        return 0
    # Leaf 1 and leaf 11 tell which core they are asked on.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    fill, trace = build()
    builds = known_builds(fill)
    tally = Tally()
    if options.of:
        words = [word.split("=") for word in options.of]
        check_features(tally, [Glibc(pathlib.Path(ldso), layout, builds) for layout, ldso in words],
                       Features(fill, trace), options)
        return tally.end()
    directories = [fetch(suite) for suite in SUITES] + [pathlib.Path("/lib/x86_64-linux-gnu")]
    probe = build_probe(directories[0])
    glibcs = {}
    for directory in directories:
        try:
            glibc = installed(directory, builds)
            glibcs.setdefault(glibc.build_id, glibc)
        except RuntimeError as error:
            tally.failed += 1
            print(f"FAILED  {directory}: {error}", flush=True)
    glibcs = list(glibcs.values())
    only = set(options.only) or {"features", "models", "choices"}
    if "features" in only:
        check_features(tally, glibcs, Features(fill, trace), options)
    if "models" in only:
        for glibc in glibcs:
            for model in MODELS:
                tally.count(f"{glibc.version} qemu -cpu {model}", compare_model, glibc, probe,
                            fill, model)
    if "choices" in only:
        for glibc in glibcs:
            tally.count(f"{glibc.version} choices", compare_choices, glibc, probe,
                        shlex.split(options.loader))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
