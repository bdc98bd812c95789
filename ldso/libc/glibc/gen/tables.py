#!/usr/bin/env python3
"""Extends and shows the tables of a machine's builds of glibc: layouts.def, tunables.def and
builds.def of its folder.

    tables.py add FOLDER "libc6 2.36-9+deb12u14 amd64" <FACTS
    tables.py show FOLDER [LAYOUT...]
    tables.py empty FOLDER NEW

FACTS is what glibc-layout prints.  "add" writes the row of a build.  If no layout, or no list of
tunables, is the same as the build's, it adds one, derived from the nearest.  "show" prints the
offsets with a column for each layout; of layouts that are named, the rows in which they differ.
"empty" writes tables for another machine: the same fields, and no build.
"""
import pathlib
import re
import sys

WIDTH = 100


def die(message):
    sys.exit(f"tables.py: {message}")


def statements(text):
    """The lines of a file; a row that goes on in the next ones is one line."""
    return re.sub(r"^[A-Z]+\([^)]*\)", lambda row: re.sub(r"\n\s*", "  ", row[0]), text,
                  flags=re.M).splitlines()


def call(line):
    """The macro that a line calls, and its arguments."""
    found = re.fullmatch(r"([A-Z]+)\((.*)\)", line)
    return (found[1], re.split(r",\s+", found[2])) if found else (None, [])


def wrap(pieces):
    """A row from its pieces, none of them broken."""
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if len(lines[-1]) + len("  ") + len(piece) < WIDTH:
            lines[-1] += "  " + piece
        else:
            lines.append("\t" + piece)
    return "\n".join(lines)


def describe(what, name, table, base, changed, values):
    changes = [f"{key[0]} {table.value(key, base)} -> {values[key]}" for key in changed]
    print(f"{name}: a new {what}, {base} but for {len(changes)}: {', '.join(changes[:5])}"
          + (", ..." if changes[5:] else ""))


class Table:
    """Columns, each with its base, and rows: which value a column has that differs from its base.

    Whatever else is in the file stays as it is.
    """

    def __init__(self, path, column_macro, row_macro, heads):
        self.path, self.column_macro, self.row_macro = path, column_macro, row_macro
        self.lines = []  # text; the key of a row
        self.base = {}
        self.rows = {}  # {column: value} by key: the arguments before the cells
        part = ""
        for line in statements(path.read_text()):
            macro, arguments = call(line)
            if macro == "PART":
                part = arguments[0] + "."
            elif macro == column_macro:
                self.base[arguments[0]] = arguments[1]
            elif macro == row_macro:
                key = (part + arguments[0], *arguments[1:heads])
                cells = [*list(self.base)[:1], *arguments[heads:]]
                self.rows[key] = dict(zip(cells[::2], cells[1::2]))
                line = key
            self.lines.append(line)

    def value(self, key, column):
        while column not in self.rows[key]:
            column = self.base[column]
        return self.rows[key][column]

    def column_of(self, values, version):
        """The column with these values, and what is new: the base and the keys that differ."""
        if not self.base:
            return self.begin(values, version)
        changes = {column: [key for key in self.rows if values[key] != self.value(key, column)]
                   for column in self.base}
        base = min(reversed(changes), key=lambda column: len(changes[column]))
        if not changes[base]:
            return base, None, []
        name = self.new_name(version)
        for key in changes[base]:
            self.rows[key][name] = values[key]
        last = max(i for i, line in enumerate(self.lines)
                   if isinstance(line, str) and call(line)[0] == self.column_macro)
        self.lines.insert(last + 1, f"{self.column_macro}({name}, {base})")
        self.base[name] = base
        return name, base, changes[base]

    def begin(self, values, version):
        """The first column."""
        name = self.new_name(version)
        for key in self.rows:
            self.rows[key] = {name: values[key]}
        last = max(i for i, line in enumerate(self.lines) if line == "#endif")
        self.lines[last + 1:last + 1] = ["", f"{self.column_macro}({name}, {name})"]
        self.base[name] = name
        return name, None, []

    def new_name(self, version):
        stem = self.prefix + version.replace(".", "_")
        names = [stem, *(stem + letter for letter in "bcdefghijklmnopqrstuvwxyz")]
        return next(name for name in names if name not in self.base)

    def row_text(self, key):
        (_, first), *others = self.rows[key].items()
        start = f"{self.row_macro}({', '.join((self.short(key[0]), *key[1:]))},"
        pieces = [f"{start + ' ':{self.indent}} {first:>{self.digits}}",
                  *(f"{column}, {value}" for column, value in others)]
        return wrap([piece + "," for piece in pieces[:-1]] + [pieces[-1] + ")"])

    def write(self):
        self.path.write_text("".join(
            (line if isinstance(line, str) else self.row_text(line)) + "\n" for line in self.lines))


class Layouts(Table):
    prefix, indent, digits = "v", 40, 4

    def __init__(self, folder):
        super().__init__(folder / "layouts.def", "LAYOUT", "FIELD", 1)

    def short(self, name):
        return name.split(".")[1]

    def add(self, facts, version):
        values = {(name,): value for name, value in facts["field"]}
        strange = values.keys() ^ self.rows.keys()
        if strange:
            die(f"{self.path} and the facts differ in the fields they have: "
                + ", ".join(sorted(name for name, in strange)))
        name, base, changed = self.column_of(values, version)
        if base:
            describe("layout", name, self, base, changed, values)
        return name


class Tunables(Table):
    prefix, indent, digits = "t", 0, 0

    def __init__(self, folder):
        super().__init__(folder / "tunables.def", "LIST", "TUNABLE", 6)

    def short(self, name):
        return name

    def add(self, facts, version):
        keys = [(name, '""' if alias == "-" else f'"{alias}"', *rest)
                for name, alias, *rest in facts["tunable"]]
        for key in keys:
            if key not in self.rows:
                self.insert(key)
        values = dict.fromkeys(self.rows, "NONE")
        is_sorted = keys == sorted(keys)
        values.update((key, "SORTED" if is_sorted else str(i)) for i, key in enumerate(keys))
        name, base, changed = self.column_of(values, version)
        if base:
            describe("list of tunables", name, self, base, changed, values)
        return name

    def insert(self, key):
        """A row that no list has so far, at its name's place."""
        after = [i for i, line in enumerate(self.lines) if isinstance(line, tuple) and line > key]
        end = self.lines.index(f"#undef {self.column_macro}")
        self.lines.insert(after[0] if after else end, key)
        self.rows[key] = dict.fromkeys(list(self.base)[:1], "NONE")
        self.rows = {line: self.rows[line] for line in self.lines if isinstance(line, tuple)}


def read_facts(file):
    facts = {"build-id": [], "field": [], "tunable": []}
    for line in file:
        kind, *words = line.split()
        facts[kind].append(words)
    return facts


def add_build(path, package, version, build_id, layout, tunables):
    row = f'BUILD("{build_id}", {layout}, {tunables}, "{version}", "{package}")\n'
    text = path.read_text()
    if row in text:
        print(f"{package}: there already, as {layout} and {tunables}")
    elif build_id in text:
        die(f"{path}: has build-id {build_id} with other values")
    else:
        path.write_text(text + row)
        print(f"{package}: added, as {layout} and {tunables}")


def add(folder, package):
    facts = read_facts(sys.stdin)
    version = re.match(r"\S+ ([\d.]+)", package)[1].rstrip(".")
    layouts, tunables = Layouts(folder), Tunables(folder)
    names = layouts.add(facts, version), tunables.add(facts, version)
    add_build(folder / "builds.def", package, version, facts["build-id"][0][0], *names)
    layouts.write()
    tunables.write()


def show(folder, *columns):
    table = Layouts(folder)
    unknown = set(columns) - set(table.base)
    if unknown:
        die(f"no layout {', '.join(sorted(unknown))}")
    shown = columns or list(table.base)
    lines = [("", *shown)]
    for key in table.rows:
        values = [table.value(key, column) for column in shown]
        if not columns or len(set(values)) > 1:
            lines.append((key[0], *values))
    for name, *values in lines:
        print(f"{name:36}", *(f"{value:>9}" for value in values))


def empty(folder, new):
    for path in folder.glob("*.def"):
        lines = [line for line in statements(path.read_text())
                 if call(line)[0] not in ("LAYOUT", "LIST", "TUNABLE", "BUILD")]
        text = "".join(re.sub(r"^FIELD\((\w+),.*", r"FIELD(\1)", line) + "\n" for line in lines)
        (pathlib.Path(new) / path.name).write_text(re.sub(r"\n{3,}", "\n\n", text))


def main():
    how, *arguments = sys.argv[1:] or [""]
    if how not in ("add", "show", "empty") or not arguments or \
            (how != "show" and len(arguments) != 2):
        die("usage: tables.py add FOLDER PACKAGE <FACTS | show FOLDER [LAYOUT...] | "
            "empty FOLDER NEW")
    {"add": add, "show": show, "empty": empty}[how](pathlib.Path(arguments[0]), *arguments[1:])


if __name__ == "__main__":
    main()
