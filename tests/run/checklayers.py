#!/usr/bin/env python3
"""checklayers.py MACHINE: the folders of ldso/ refer to each other in one direction alone.

Each folder's README.md says in a line "Uses: base, vm." which others it may refer to, and has a row
for each of its files.  This holds the code to that, by #include lines and by the symbols of the
objects in build/MACHINE, and the lines themselves to an order without circles.  main.c and the files
beside it tell the story and may use everything.  What ldso/arch/entry.h declares is called by
assembly, which lies lowest: these are the only references that may go up.
"""
import collections
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
MACHINES = {path.name for path in TOP.glob("ldso/arch/*") if path.is_dir()}
ENTRIES = {"boot", "ldso_main", "plt_resolve", "plt_enter", "plt_exit", "tls_address"}
COMPILERS = {"memcpy", "memmove", "memset", "memcmp"}  # which it calls where it likes


def folder_of(path):
    """The layer that a source belongs to; None: the story."""
    parts = pathlib.PurePath(path).parts
    if parts[0] == "vm":
        return "vm"
    return parts[1] if len(parts) > 2 else None


def sources():
    found = [*TOP.glob("ldso/**/*"), *TOP.glob("vm/*")]
    return sorted(str(p.relative_to(TOP)) for p in found
                  if p.suffix in (".c", ".h", ".S") and "/gen/" not in str(p))


def readmes():
    return {folder_of(path.relative_to(TOP)): path
            for path in [*TOP.glob("ldso/*/README.md"), TOP / "vm/README.md"] if path.exists()}


def declared(path):
    found = re.search(r"^Uses: (.+)\.$", path.read_text(), re.M)
    if not found:
        return None
    return set() if found.group(1) == "nothing" else set(found.group(1).split(", "))


def bad_readmes(uses):
    """Folders without a README, files without a row."""
    problems = []
    pages = readmes()
    for folder in sorted({folder_of(s) for s in sources()} - {None}):
        if folder not in pages or uses.get(folder) is None:
            problems.append(f"{folder}/: no README.md with a line \"Uses: FOLDER, ....\"")
    for source in sources():
        folder = folder_of(source)
        if folder not in pages:
            continue
        rows = re.findall(r"^\| ([^|]+) \|", pages[folder].read_text(), re.M)
        name = str(pathlib.PurePath(source).relative_to(pages[folder].parent.relative_to(TOP)))
        stem = name.rsplit(".", 1)[0]
        of_machine = re.sub(r"^(aarch64|riscv64|x86_64)/", "MACHINE/", name)
        if not any(row in (name, stem, of_machine) or (row.endswith("/") and name.startswith(row))
                   for row in rows):
            problems.append(f"{source}: no row in {pages[folder].relative_to(TOP)}")
    return problems


def circles(uses):
    """The folders that are in a circle of declared uses."""
    left = {folder: set(used) for folder, used in uses.items()}
    while True:
        free = [folder for folder, used in left.items() if not used & left.keys()]
        if not free:
            return [f"circle of folders: {', '.join(sorted(left))}"] if left else []
        for folder in free:
            del left[folder]


def included(source):
    for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', (TOP / source).read_text(), re.M):
        for path in (f"ldso/{name}", name, f"ldso/arch/x86_64/{name}"):
            if (TOP / path).exists():
                yield name, folder_of(path)


def symbols(machine):
    """Where each symbol is defined, and which ones each source refers to."""
    build = TOP / "build" / machine
    nm = "nm" if machine == "x86_64" else f"{machine}-linux-gnu-nm"
    defined, wanted = {}, collections.defaultdict(set)
    for source in sources():
        object_ = build / f"{source.rsplit('.', 1)[0]}.o"
        if source.endswith(".h") or not object_.exists():
            continue
        text = subprocess.run([nm, object_], check=True, text=True, stdout=subprocess.PIPE).stdout
        for line in text.splitlines():
            *_, kind, name = line.split()
            if kind == "U":
                wanted[source].add(name)
            elif kind.isupper():
                defined[name] = source
    return defined, wanted


def references(machine):
    """(source, what it refers to, the folder that has it)"""
    for source in sources():
        for name, folder in included(source):
            yield source, f"includes {name}", folder
    defined, wanted = symbols(machine)
    for source, names in wanted.items():
        for name in sorted((names & defined.keys()) - COMPILERS):
            entry = source.endswith(".S") and name in ENTRIES
            if not entry:
                yield source, f"refers to {name} of {defined[name]}", folder_of(defined[name])


def bad_references(machine, uses):
    problems, used = [], collections.defaultdict(set)
    for source, what, folder in references(machine):
        own = folder_of(source)
        if own is None or folder == own:
            continue
        used[own].add(folder)
        if folder not in (uses.get(own) or set()):
            where = f"{folder}/" if folder else "the story"
            problems.append(f"{source}: {what}: {own}/ does not use {where}")
    for folder, names in uses.items():
        problems += [f"{folder}/README.md: uses {name}/, but nothing there does"
                     for name in sorted((names or set()) - used[folder])]
    return problems


def twins():
    """Files, or structs, of the same name: a search for one would find the other.  What each machine's
    folder has is called the same on purpose."""
    files, structs = collections.defaultdict(list), collections.defaultdict(list)
    for source in sources():
        if not MACHINES.intersection(pathlib.PurePath(source).parts):
            files[pathlib.PurePath(source).name].append(source)
        for name in re.findall(r"^struct (\w+)\s*\{", (TOP / source).read_text(), re.M):
            structs[f"struct {name}"].append(source)
    return [f"{name}: {', '.join(where)}" for table in (files, structs)
            for name, where in table.items() if len(where) > 1]


def main():
    machine = sys.argv[1]
    uses = {folder: declared(path) for folder, path in readmes().items()}
    known = {folder: names or set() for folder, names in uses.items()}
    problems = bad_readmes(uses) + circles(known) + bad_references(machine, uses) + twins()
    for problem in problems:
        print(f"layers: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
