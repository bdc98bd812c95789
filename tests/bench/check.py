#!/usr/bin/env python3
"""Whether the measuring tools measure what they say; takes no times.

	tests/bench/check.py
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import floors
import growth
import programs
import report
import synth
from programs import OUT, TOP

EARLY = """#include <unistd.h>
static __attribute__((constructor)) void early(void) { _exit(7); }
int main(void) { return 0; }
"""


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], check=True, text=True,
                          capture_output=True).stdout


def expect(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found}, expected {wanted}")


def relocations_are_all_found(scratch):
    """floors.py beside readelf, which prints DT_RELR's as addresses alone."""
    for path in programs.objects(programs.Program("true", "/bin/true", ["true"]), own_true(scratch)):
        lines = re.findall(r"^([0-9a-f]{16})(?: +[0-9a-f]{16} +R_\w+.*)?$", readelf(path, "-r"), re.M)
        found = floors.File(path).describe()
        expect(found.relocations, len(lines), f"{path}: relocations")
        expect(found.pages, len({int(at, 16) // floors.PAGE for at in lines}), f"{path}: pages")
        expect(sum(pages for _, pages in found.runs), found.pages, f"{path}: pages in runs")


def own_true(scratch):
    shutil.copy("/bin/true", scratch / "true")
    return programs.Way("own", scratch / "true", ["true"], {})


def floor_does_the_calls(scratch):
    """The system calls that tables ask for, and no others."""
    way = own_true(scratch)
    paths = programs.objects(programs.Program("true", "/bin/true", ["true"]), way)
    described = floors.build(scratch, paths)
    maps = sum(len(o.maps) for o in described)
    for floor, more in (("0", 0), ("1", 0), ("3", 1)):
        trace = subprocess.run(["strace", scratch / "floor", floor], text=True, capture_output=True,
                               check=True).stderr
        calls = [line.partition("(")[0] for line in trace.splitlines() if "(" in line]
        wanted = {"execve": 1, "exit_group": 1}
        if floor != "0":
            files = len(described) + more
            wanted |= {"openat": files, "close": files, "fstat": len(described), "mmap": maps}
        expect({call: calls.count(call) for call in calls}, wanted, f"floor {floor}: calls")


def nothing_runs_before_the_stop(scratch):
    """Neither loader runs a constructor of the program or its libraries first."""
    source = scratch / "early.c"
    source.write_text(EARLY)
    for cc, loader in (("gcc", None), ("gcc", TOP / "myld.so"), ("musl-gcc", None),
                       ("musl-gcc", TOP / "myld.so")):
        subprocess.run([cc, "-shared", "-fPIC", "-o", scratch / "libearly.so", source], check=True)
        option = [f"-Wl,-dynamic-linker,{loader}"] if loader else []
        subprocess.run([cc, "-o", scratch / "early", source, "-Wl,--no-as-needed",
                        scratch / "libearly.so", f"-Wl,-rpath,{scratch}", *option], check=True)
        for preload, status in (("", 7), (OUT / "stop.so", programs.STOPPED)):
            done = subprocess.run([scratch / "early"],
                                  env={"LD_PRELOAD": str(preload), "MYLD_CACHE": "off"})
            expect(done.returncode, status, f"{cc}, {loader or 'own loader'}, preload {preload!s:.1}")


def driver(*ways, runs=3):
    return subprocess.run([OUT / "startup", str(runs), "check"], text=True, capture_output=True,
                          input="".join(way.text() for way in ways))


def driver_counts_and_refuses(_):
    good = programs.Way("good", "/bin/sh", ["sh", "-c", 'exit "$N"'], {"N": "5"}, 5)
    done = driver(good, good)
    expect(done.stdout.count("good,"), 6, "lines of two ways in three turns")
    bad = programs.Way("bad", "/bin/sh", ["sh", "-c", "exit 1"], {})
    expect((driver(good, bad).returncode, driver(good, bad).stdout), (1, ""), "a way that fails")


def no_plan_is_no_way(scratch):
    """A start that leaves nothing in its cache is not taken for a cached one."""
    way = programs.Way("myld-snapshot.stop", scratch / "true.myld", ["true"],
                       {"XDG_CACHE_HOME": str(scratch / "cache"), "MYLD_CACHE": "off"},
                       cache="snapshot")
    shutil.copy("/bin/true", way.exe)
    subprocess.run(["patchelf", "--set-interpreter", TOP / "myld.so", way.exe], check=True)
    expect(programs.prime(way), "no *.plan in its cache, no *.pages in its cache", "MYLD_CACHE=off")


def growth_finds_the_line(_):
    points = [[1, n, n * s] for n, s in programs.SIZES]
    found, worst = growth.fit(points, [300 + 20 * n + 0.5 * s for _, n, s in points])
    expect([round(x, 3) for x in found], [300, 20, 0.5], "coefficients")
    expect(worst < 1e-6, True, "the error of an exact line")


def generated_refer_as_said(scratch):
    """10 libraries of 20: own symbols and a fifth of others in data, a fifth through the PLT."""
    for path in synth.build(scratch / "synth", 10, 20):
        types = re.findall(r"(R_\w+)", readelf(path, "-r"))
        kinds = sorted(types.count(kind) for kind in set(types))
        data, called = synth.references(synth.number(path), 10, 20)
        expect(kinds, sorted((20 + len(data), len(set(called)))), f"{path.name}: relocations")


def marked_text_is_replaced(_):
    begin, end = report.BEGIN.format("x"), report.END.format("x")
    expect(report.put(f"a\n{begin}old{end}b\n", "x", "new"), f"a\n{begin}\nnew\n{end}b\n", "document")


CHECKS = (relocations_are_all_found, floor_does_the_calls, nothing_runs_before_the_stop,
          driver_counts_and_refuses, no_plan_is_no_way, growth_finds_the_line,
          generated_refer_as_said, marked_text_is_replaced)


def main():
    failed = 0
    programs.build_tools()
    for check in CHECKS:
        with tempfile.TemporaryDirectory(dir=OUT) as scratch:
            try:
                check(pathlib.Path(scratch))
            except (AssertionError, subprocess.CalledProcessError) as why:
                failed += 1
                print(f"FAIL {check.__name__}: {why}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
