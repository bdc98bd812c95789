#!/usr/bin/env python3
"""Extends and shows the tables of a machine's builds of glibc: layouts.def, tunables.def and
builds.def of its folder.

    tables.py add FOLDER "libc6 2.36-9+deb12u14 amd64" <FACTS
    tables.py layout FOLDER VERSION [LAYOUT] <FACTS
    tables.py show FOLDER [LAYOUT...]
    tables.py document FOLDER DOCUMENT
    tables.py empty FOLDER NEW

FACTS is what glibc-layout prints.  "add" writes the row of a build.  If no layout of its version,
or no list of tunables, is the same as the build's, it adds one, derived from the nearest.  "layout"
adds a layout, of which only the lines "field PART.NAME OFFSET" are looked at, by this name or one that is
made of the version; or it says which one of that version is the same.  "show" prints the offsets with a column for each layout; of layouts
that are named, the rows in which they differ.  "document" writes the list of layouts, with the packages
that have them, into a document between "<!-- tables.py document -->" and "<!-- end -->".
"empty" writes tables for another machine: the same fields, and no build.

Fields of the part "rules" are no offsets.  A line of FACTS may tell one; otherwise it is that of the
nearest layout of the same version, or if there is none that of upstream's release (RULES below).
"""
import pathlib
import re
import sys

WIDTH = 100

# The rules of upstream's versions: from which minor number on a rule is which.
RULES = {
    "rules.preferred_order": {0: 226, 27: 227, 28: 228, 29: 229, 34: 234, 35: 235, 38: 238},
    "rules.rseq_size": {0: "NONE", 35: 32, 40: 20},
    "rules.closed_first": {0: 0, 39: 1},
    "rules.tells_protected": {0: 0, 36: 1},
    "rules.fstat_empty_path": {0: 0, 33: 1, 39: 0},
    "rules.strict_tunables": {0: 0, 39: 1},
    "rules.audit_interface": {0: 1, 35: 2},
    "rules.audits_whole_change": {0: 0, 40: 1},
    "rules.renews_random": {0: 0, 44: 1},
    "rules.tcb_pointer_guard": {0: 1, 44: 0},
    "rules.old_processor_names": {0: 1, 39: 0},
}


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


def minor_of(version):
    """36 of "2.36"."""
    found = re.fullmatch(r"2\.(\d+)", version)
    return int(found[1]) if found else die(f"{version}: not a version of glibc 2")


def rules_of(minor):
    """The values of the part "rules", by name, that upstream's version has."""
    values = {name: str([value for since, value in steps.items() if since <= minor][-1])
              for name, steps in RULES.items()}
    return {**values, "rules.cpu": str(200 + minor)}


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

    def changes(self, values):
        """For each column the keys of other values."""
        return {column: [key for key in self.rows if values[key] != self.value(key, column)]
                for column in self.base}

    def column_of(self, values, version):
        """The column with these values, and what is new: the base and the keys that differ."""
        same = [column for column, keys in self.changes(values).items() if not keys]
        return (same[-1], None, []) if same else self.new_column(self.new_name(version), values)

    def new_column(self, name, values, *more):
        """As column_of(); more: the arguments behind the base."""
        if not self.base:
            return self.begin(name, values, *more)
        changes = self.changes(values)
        base = min(reversed(changes), key=lambda column: len(changes[column]))
        for key in changes[base]:
            self.rows[key][name] = values[key]
        last = max(i for i, line in enumerate(self.lines)
                   if isinstance(line, str) and call(line)[0] == self.column_macro)
        self.lines.insert(last + 1, self.column_text(name, base, *more))
        self.base[name] = base
        return name, base, changes[base]

    def begin(self, name, values, *more):
        """The first column."""
        for key in self.rows:
            self.rows[key] = {name: values[key]}
        last = max(i for i, line in enumerate(self.lines) if line == "#endif")
        self.lines[last + 1:last + 1] = ["", self.column_text(name, name, *more)]
        self.base[name] = name
        return name, None, []

    def column_text(self, *arguments):
        return f"{self.column_macro}({', '.join(arguments)})"

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
        calls = [call(line) for line in self.lines if isinstance(line, str)]
        self.minor = {words[0]: int(words[2]) for macro, words in calls if macro == "LAYOUT"}

    def short(self, name):
        return name.split(".")[1]

    def nearest(self, told, minor):
        """The layout of this version that has the most of these values, and how many it has not."""
        wrong = {name: sum(self.value(key, name) != value for key, value in told.items())
                 for name in self.minor if self.minor[name] == minor}
        return min(wrong.items(), key=lambda item: item[1], default=(None, None))

    def add(self, facts, version, name=None):
        minor = minor_of(version)
        told = {(key,): value for key, value in facts["field"]}
        strange = {key for key in told.keys() ^ self.rows.keys()
                   if key in told or not key[0].startswith("rules.")}
        if strange:
            die(f"{self.path} and the facts differ in the fields they have: "
                + ", ".join(sorted(name for name, in strange)))
        nearest, wrong = self.nearest(told, minor)
        if wrong == 0:
            return nearest
        rules = {key: self.value(key, nearest) if nearest else rules_of(minor)[key[0]]
                 for key in self.rows if key[0].startswith("rules.")}
        values = {**rules, **told}
        name, base, changed = self.new_column(name or self.new_name(version), values, str(minor))
        self.minor[name] = minor
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


def add_layout(folder, version, name=None):
    table = Layouts(folder)
    if name in table.base:
        die(f"there is a layout {name}")
    if table.minor and minor_of(version) < min(table.minor.values()):
        die(f"glibc {version} is older than 2.{min(table.minor.values())}, the oldest that the loader serves: "
            "the ld-linux beside it runs its programs, without a table")
    known = set(table.base)
    same = table.add(read_facts(sys.stdin), version, name)
    if same in known:
        print(f"has layout {same}, which is there already")
    table.write()


# What the end of a layout's name says: v2_38_2023_10, v2_28_el8_9, v2_34_oe2203.
ENDS = (
    (r"(\d{4})_(\d\d)", r"branch from \1-\2 on"),
    (r"deb", "as Debian has changed it"),
    (r"el(\d+)_(\d+)", r"RHEL \1.\2"),
    (r"oe(\d\d)(\d\d)", r"openEuler \1.\2"),
)


# There from one commit of a branch to the next.
REVERTED = ("v2_39_2025_08", "v2_40_2025_08", "v2_41_2025_08")


def stands_for(name, names):
    """What a layout is of, by its name and those of the others of its version."""
    if name in REVERTED:
        return "one commit of the branch"
    end = re.sub(r"^v2_\d+_?", "", name)
    for pattern, words in ENDS:
        if re.fullmatch(pattern, end):
            return re.sub(pattern, words, end)
    return "release" if any(re.search(r"_\d{4}_\d\d$", other) for other in names
                            if other not in REVERTED) else "release and branch"


def listing(folder):
    table = Layouts(folder)
    packages = {}
    for line in statements((folder / "builds.def").read_text()):
        macro, words = call(line)
        if macro == "BUILD":
            packages.setdefault(words[1], []).append(words[4].strip('"').split()[1])
    yield "| glibc | Layout | Stands for | Debian's packages that are known to have it |"
    yield "|---|---|---|---|"
    for minor in sorted(set(table.minor.values())):
        names = [name for name in table.base if table.minor[name] == minor]
        for name in names:
            yield f"| 2.{minor} | `{name}` | {stands_for(name, names)} | {', '.join(packages.get(name, []))} |"


def document(folder, path):
    path = pathlib.Path(path)
    begin, end = "<!-- tables.py document -->\n", "<!-- end -->"
    before, found, rest = path.read_text().partition(begin)
    if not found:
        die(f"{path}: no line {begin.strip()}")
    path.write_text(before + begin + "".join(line + "\n" for line in listing(folder)) + end +
                    rest.partition(end)[2])


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
    commands = {"add": (add, 2), "layout": (add_layout, max(2, min(3, len(arguments)))), "document": (document, 2),
                "empty": (empty, 2), "show": (show, len(arguments) or 1)}
    function, count = commands.get(how, (None, 0))
    if len(arguments) != count or not function:
        die("usage: tables.py add FOLDER PACKAGE <FACTS | layout FOLDER VERSION [LAYOUT] <FACTS | "
            "show FOLDER [LAYOUT...] | document FOLDER DOCUMENT | empty FOLDER NEW")
    function(pathlib.Path(arguments[0]), *arguments[1:])


if __name__ == "__main__":
    main()
