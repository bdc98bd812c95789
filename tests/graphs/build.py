"""Makes the files of a graph, fast: hundreds of libraries in a fraction of a second.

All libraries with the same number of dependencies (and filtees, and the same shared symbols) differ
in names alone. So one is linked for each such number, against libraries called libg@000.so, libg@001.so ..., and every library is a copy with
the real names, which are as long, written over those in .dynstr and .rodata. No symbol's name
changes, so the hash tables stay right. Programs are made the same way.
"""
import pathlib
import subprocess

import model

HERE = pathlib.Path(__file__).resolve().parent
SELF = "libg@@@@.so"


def placeholder(n):
    return f"libg@{n:03d}.so"


class Builder:
    """The templates of one world (one compiler), kept in a folder for the graphs to come."""

    def __init__(self, folder, cc, loader=None):
        self.folder = folder
        self.cc = cc
        self.loader = loader
        self.templates = {}
        (folder / "stubs").mkdir(parents=True, exist_ok=True)
        self.compile("-shared", "-Wl,-soname,liblog.so", "-o", folder / "liblog.so",
                     HERE / "log.c")
        self.compile("-c", "-o", folder / "program.o", HERE / "program.c")

    def compile(self, *args):
        subprocess.run([*self.cc, "-O1", "-fPIC", "-Wall", "-Wextra", *args], check=True)

    def stubs(self, count):
        """The libraries that a template of count dependencies is linked against."""
        paths = []
        for n in range(count):
            path = self.folder / "stubs" / placeholder(n)
            if not path.exists():
                path.write_bytes(self.library(0).replace(SELF.encode(), placeholder(n).encode()))
            paths.append(path)
        return paths

    def template(self, what, count, *link):
        path = self.folder / f"{what}.{count}"
        if path not in self.templates:
            self.compile("-o", path, *link, "-Wl,--no-as-needed,-rpath,$ORIGIN", *self.stubs(count))
            self.templates[path] = path.read_bytes()
        return self.templates[path]

    def object(self, shared):
        path = self.folder / f"lib.{shared}.o"
        if not path.exists():
            self.compile("-c", f"-DSHARED={shared}", "-o", path, HERE / "lib.c")
        return path

    def library(self, count, shared=0, filters=()):
        """filters: the kind of each filtee, whose placeholders follow those of the dependencies"""
        link = [f"-Wl,{option},{placeholder(count + n)}" for n, option in enumerate(filters)]
        what = "lib" + "".join(f".{option.strip('-')}" for option in filters) + f".{shared}"
        return self.template(what, count, "-shared", "-nostdlib", "-Wl,-z,lazy",
                             f"-Wl,-soname,{SELF}", *link, self.object(shared))

    def program(self, count, loader):
        """-> the program under its own loader, or under the one we test"""
        link = [f"-Wl,-dynamic-linker,{loader}"] if loader else []
        path = f"program{'.ours' if loader else ''}"
        return self.template(path, count, *link, "-Wl,--allow-shlib-undefined",
                             self.folder / "program.o", self.folder / "liblog.so")

    def build(self, graph, folder):
        """Writes the graph's libraries and programs: program, and program.ours for our loader."""
        folder.mkdir(parents=True)
        (folder / "liblog.so").write_bytes((self.folder / "liblog.so").read_bytes())
        for n, deps in enumerate(graph.needed):
            path = folder / model.name(n)
            filters = graph.filters.get(n, [])
            content = self.library(len(deps), graph.shared.get(n, 0), [kind for kind, _ in filters])
            path.write_bytes(self.rename(content, model.name(n),
                                         deps + [filtee for _, filtee in filters]))
            path.chmod(0o755)
        for path, loader in (("program", None), ("program.ours", self.loader)):
            if path == "program" or loader:
                content = self.program(len(graph.program), loader)
                (folder / path).write_bytes(self.rename(content, SELF, graph.program))
                (folder / path).chmod(0o755)

    @staticmethod
    def rename(content, own, deps):
        content = content.replace(SELF.encode(), own.encode())
        for n, dep in enumerate(deps):
            content = content.replace(placeholder(n).encode(), model.name(dep).encode())
        return content
