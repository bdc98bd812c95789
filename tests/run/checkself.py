#!/usr/bin/env python3
"""checkself.py MACHINE: what myld.so is made of, as readelf and objdump see it.

It relocates itself before it can do anything else, so only relative relocations may be left and
nothing may be undefined.  Its exports are the list in ldso/exports.map.  Vector registers, which
hold the program's arguments while the loader works, are touched by the assembly that saves them
(ldso/arch/MACHINE/*.S) alone.  Frames are small, since dlopen is called on stacks of 16 KiB, but in
what runs at the start or for a command only.
"""
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
VECTOR = {"x86_64": r"%[xyz]mm\d", "aarch64": r"\b[qvdsz]\d{1,2}\b", "riscv64": r"\bf[ast]\d{1,2}\b"}

# How a function makes room on the stack.
FRAME = {"x86_64": r"\bsub +\$(0x[0-9a-f]+),%rsp", "aarch64": r"\bsub\s+sp, sp, #(0x[0-9a-f]+|\d+)",
         "riscv64": r"\baddi\s+sp,sp,-(\d+)"}
LARGEST_FRAME = 1800
NOT_AT_RUN_TIME = {
    # commands
    "cache_why", "cache_built", "cache_build", "cache_print_diagnostics", "enable", "disable", "clear",
    "inspect", "print_path", "store_describe",
    # the start
    "boot_musl", "search_program", "search_trusted", "search_preload_file", "preload", "load_libraries",
    "prepare_debug", "loader_init", "key_of_start", "cache_load", "ldso_main",
    # a start that leaves a plan, or why it leaves none
    "read_build_id", "identity_of_elf", "add_absence", "miss", "trace_unrecordable_file",
}


def tool(machine, name, *arguments):
    prefix = "" if machine == "x86_64" else f"{machine}-linux-gnu-"
    return subprocess.run([prefix + name, *arguments], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def bad_relocations(machine, loader):
    found = re.findall(r"^[0-9a-f]{8,}\s+[0-9a-f]+\s+(R_\S+)", tool(machine, "readelf", "-rW", loader),
                       re.M)
    return [f"relocation {kind}: expected only relative ones" for kind in sorted(set(found))
            if not kind.endswith("_RELATIVE") and not kind.endswith("_RELATIV")]


def bad_exports(machine, loader):
    glibc = TOP / f"ldso/libc/glibc/{machine}/exports.map"
    lists = [TOP / "ldso/exports.map", glibc if glibc.exists() else TOP / "ldso/exports-plain.map"]
    listed = set(re.findall(r"(\w+);", "".join(
        re.sub(r"#.*|\}.*", "", f.read_text()) for f in lists)))
    problems, have = [], set()
    for line in tool(machine, "readelf", "--dyn-syms", "-W", loader).splitlines():
        fields = line.split()
        if len(fields) < 8 or not fields[0].rstrip(":").isdigit() or fields[4] == "LOCAL":
            continue
        name = fields[7].split("@")[0]
        if fields[6] == "UND":
            problems.append(f"undefined symbol {name}")
        elif fields[6] != "ABS":
            have.add(name)
    problems += [f"exported, not in an exports.map: {n}" for n in sorted(have - listed)]
    problems += [f"in an exports.map, not exported: {n}" for n in sorted(listed - have)]
    return problems


def bad_segments(machine, loader):
    text = tool(machine, "readelf", "-lW", loader)
    problems = [f"segment {line.strip()}: writable and executable"
                for line in text.splitlines() if re.search(r"LOAD.* RWE ", line)]
    if not re.search(r"GNU_STACK.* RW ", text):
        problems.append("PT_GNU_STACK: expected RW")
    if "INTERP" in text:
        problems.append("PT_INTERP: expected none")
    return problems


def functions_of_assembly(machine):
    found = set()
    for source in (TOP / "ldso/arch" / machine).glob("*.S"):
        found |= set(re.findall(r"^(\w+):", source.read_text(), re.M))
    return found


def bad_registers(machine, loader):
    problems, function, assembly = set(), "", functions_of_assembly(machine)
    for line in tool(machine, "objdump", "-d", "--no-show-raw-insn", loader).splitlines():
        label = re.match(r"[0-9a-f]+ <([\w.]+)>:", line)
        if label:
            function = label.group(1)
            continue
        operands = re.sub(r"[0-9a-f]+ <.*", "", " ".join(line.split("\t")[2:]))
        if re.search(VECTOR[machine], operands) and function not in assembly:
            problems.add(f"{function} uses vector registers: {line.strip()}")
    return sorted(problems)[:10]


def bad_frames(machine, loader):
    problems, function, assembly = set(), "", functions_of_assembly(machine)
    for line in tool(machine, "objdump", "-d", "--no-show-raw-insn", loader).splitlines():
        label = re.match(r"[0-9a-f]+ <([\w.]+)>:", line)
        if label:
            function = label.group(1).split(".")[0]
            continue
        frame = re.search(FRAME[machine], line)
        size = int(frame.group(1), 0) if frame else 0
        size = 2 ** 64 - size if size >> 63 else size  # gcc writes -128 for 128
        if size > LARGEST_FRAME and function not in NOT_AT_RUN_TIME | assembly:
            problems.add(f"{function}: a frame of {size} bytes, expected at most {LARGEST_FRAME}")
    return sorted(problems)


def main():
    machine = sys.argv[1]
    loader = str(TOP / "build" / machine / "myld.so")
    problems = bad_relocations(machine, loader) + bad_exports(machine, loader) + \
        bad_segments(machine, loader) + bad_registers(machine, loader) + bad_frames(machine, loader)
    for problem in problems:
        print(f"{machine}/myld.so: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
