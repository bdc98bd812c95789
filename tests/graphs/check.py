#!/usr/bin/env python3
"""Dependency graphs under the loader: load order, constructors, destructors, dlopen, LD_PRELOAD.

For each graph and world the prediction (model.py) is held to the world's own loader, and the loader
to the same, as a command and as PT_INTERP. Where there is no prediction the loader is held to what the
world's own one does: the order of glibc up to 2.34 (glibc.rtld.dynamic_sort=1), and sequences, in which
libraries share symbols, are opened, closed, asked for what is in their scopes, and have filtees.
A graph that fails is made smaller as long as it fails.

    check.py [--loader ./myld.so] [--world musl|glibc|glibc-old]... [--count N] [--seed N]
             [--graph KIND:SEED:SIZE[:PRELOAD[:OPEN]]] [--graph sequence:KIND:SEED:SIZE:ACTS]
             [--graph filters:KIND:SEED:SIZE:FILTERS]

Without --count or --graph: the fixed list, and sequences under glibc.
"""
import argparse
import collections
import pathlib
import shutil
import subprocess
import sys
import tempfile

import build
import model

TOP = pathlib.Path(__file__).resolve().parents[2]
OLD_ORDER = {"GLIBC_TUNABLES": "glibc.rtld.dynamic_sort=1"}
# The rule, the compiler, the environment.
WORLDS = {"musl": (model.Musl, ["musl-gcc"], {}), "glibc": (model.Glibc, ["gcc"], {}),
          "glibc-old": (None, ["gcc"], OLD_ORDER)}
TIMEOUT = 60
SHRINK_STEPS = 300
SHRINK_GRAPHS = 5     # only the first failures are made smaller

# kind, size, preloaded libraries, libraries opened at run time
FIXED = [
    ("chain", 1), ("chain", 20), ("chain", 300), ("diamonds", 4), ("diamonds", 31), ("diamonds", 300),
    ("ring", 2), ("ring", 9), ("ring", 100), ("rings", 12), ("rings", 60), ("star", 16), ("star", 300),
    ("tree", 40), ("tree", 300), ("clique", 4), ("clique", 12), ("dag", 10), ("dag", 30), ("dag", 100),
    ("dag", 300), ("tangle", 6), ("tangle", 15), ("tangle", 40), ("tangle", 120), ("tangle", 300),
    ("dag", 12, 1), ("dag", 40, 3), ("tangle", 12, 2), ("tangle", 50, 4), ("star", 8, 8),
    ("dag", 15, 0, 3), ("dag", 60, 0, 5), ("tangle", 10, 0, 4), ("tangle", 60, 0, 8),
    ("ring", 8, 0, 2), ("rings", 40, 0, 6), ("tree", 120, 0, 6), ("clique", 8, 1, 3),
    ("tangle", 80, 3, 8), ("dag", 300, 5, 10),
]

# How many of each; the shape, the size, the program's arguments or the libraries with filtees.
SEQUENCES = [("sequence", 8, "dag", 6, 8), ("sequence", 8, "tangle", 5, 10), ("sequence", 4, "tree", 9, 10),
             ("sequence", 3, "ring", 4, 8), ("sequence", 4, "dag", 12, 16),
             ("filters", 4, "dag", 6, 2), ("filters", 4, "tangle", 6, 2), ("filters", 2, "tree", 12, 4)]
MAKERS = {"sequence": model.make_sequence, "filters": model.make_filters}

Run = collections.namedtuple("Run", "status lines errors")


def run(folder, argv, graph, env):
    env = {"PATH": "/nonexistent", **env}
    if graph.preload:
        env["LD_PRELOAD"] = ":".join(str(folder / model.name(n)) for n in graph.preload)
    opens = [("+" if everywhere else "") + model.name(n) for n, everywhere in graph.opens]
    acts = [word + (model.name(n) if n is not None else "") for word, n in graph.acts]
    try:
        done = subprocess.run([*argv, *opens, *acts], cwd=folder, env=env, capture_output=True, text=True,
                              timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return Run("timeout", [], "")
    # The program, libc and the loader are in the list too; where differs, and is not the point.
    ours = {f"loaded {model.name(n)}" for n in (model.LOG, *range(len(graph.needed)))}
    lines = [line for line in done.stdout.splitlines()
             if not line.startswith("loaded ") or line in ours]
    return Run(done.returncode, lines, done.stderr)


def complaint(want, got):
    """The first difference, or None."""
    if got.status != want.status:
        last = (got.errors.strip().splitlines() or ["no message"])[-1]
        return f"exit {got.status} after {len(got.lines)} lines: {last[:200]}"
    for number, (a, b) in enumerate(zip(want.lines, got.lines), 1):
        if a != b:
            return f"line {number} is '{b}', expected '{a}'"
    if len(want.lines) != len(got.lines):
        return f"{len(got.lines)} lines, expected {len(want.lines)}"
    return None


class Checker:
    """One world: its builder, and the ways in which a graph's program is started."""

    def __init__(self, world, loader, folder):
        self.rule, cc, self.env = WORLDS[world]
        self.builder = build.Builder(folder / f"templates.{world}", cc, loader)
        self.folder = folder
        self.world = world
        self.ways = {"model": ["./program"]}
        if loader:
            self.ways["command"] = [loader, "./program"]
            self.ways["interp"] = ["./program.ours"]

    def outcome(self, graph, way):
        return self.check(graph, [way])[way]

    def check(self, graph, ways=None):
        """-> {way: complaint or None}, with one build for all ways"""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "graph"
        self.builder.build(graph, folder)
        if self.rule and not graph.acts:
            want = Run(0, model.predict(graph, self.rule), "")
        else:
            want = run(folder, ["./program"], graph, self.env)
        outcome = {way: complaint(want, run(folder, self.ways[way], graph, self.env))
                   for way in ways or self.ways}
        shutil.rmtree(folder.parent)
        return outcome

    def shrink(self, graph, way):
        """A smaller graph that still fails: libraries leave one by one, the rest closes up."""
        node = steps = 0
        for smaller_one in (model.without_act, model.without):
            node = 0
            while node < len(graph.acts if smaller_one is model.without_act else graph.needed):
                if (steps := steps + 1) > SHRINK_STEPS:
                    break
                smaller = smaller_one(graph, node)
                if smaller and self.outcome(smaller, way):
                    graph = smaller
                else:
                    node += 1
        return graph


def make(recipe):
    return MAKERS[recipe[0]](*recipe[1:]) if recipe[0] in MAKERS else model.make(*recipe)


def sequences():
    for number, (maker, count, kind, size, many) in enumerate(SEQUENCES):
        for seed in range(count):
            yield maker, kind, 100 * number + seed, size, many


def recipes(args, world):
    if args.graph:
        for text in args.graph:
            yield tuple(int(word) if word.isdigit() else word for word in text.split(":"))
    elif args.count:
        rand = model.random.Random(args.seed)
        for seed in range(args.seed, args.seed + args.count):
            kind = rand.choice([kind for kind in model.SHAPES if kind != "clique"])
            if args.sequences:
                size = rand.choice((4, 6, 9, 14))
                yield rand.choice((("sequence", kind, seed, size, rand.choice((5, 10, 20))),
                                   ("filters", kind, seed, size, rand.randint(1, 3))))
                continue
            size = rand.choice((5, 10, 20, 40, 80))
            yield kind, seed, size, rand.choice((0, 0, 1, 3)), rand.choice((0, 0, 2, 5))
    else:
        for number, (kind, size, *rest) in enumerate(FIXED):
            yield (kind, number, size, *rest)
        if world != "musl":
            yield from sequences()


def arguments():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--loader", default=TOP / "myld.so", type=pathlib.Path)
    parse.add_argument("--no-loader", action="store_true", help="only the prediction")
    parse.add_argument("--world", action="append", choices=WORLDS)
    parse.add_argument("--count", type=int, help="this many random graphs from --seed on")
    parse.add_argument("--sequences", action="store_true", help="random sequences, with --count")
    parse.add_argument("--seed", type=int, default=1000)
    parse.add_argument("--graph", action="append", metavar="RECIPE")
    parse.add_argument("--no-shrink", action="store_true")
    return parse.parse_args()


def report(checker, recipe, graph, way, what, shrink):
    print(f"FAIL {checker.world} {':'.join(map(str, recipe))} [{way}]: {what}")
    if shrink:
        smallest = checker.shrink(graph, way)
        print(f"     smallest: {model.describe(smallest)}")
        print(f"     there: {checker.outcome(smallest, way)}", flush=True)


def main():
    args = arguments()
    loader = None if args.no_loader else args.loader.resolve()
    if loader and not loader.exists():
        sys.exit(f"check.py: {loader}: no loader here (make, or --loader, or --no-loader)")
    passed = failed = 0
    (TOP / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="graph.", dir=TOP / "build") as folder:
        for world in args.world or WORLDS:
            checker = Checker(world, loader, pathlib.Path(folder))
            for recipe in recipes(args, world):
                if recipe[0] in MAKERS and world == "musl":
                    continue
                graph = make(recipe)
                for way, what in checker.check(graph).items():
                    passed += what is None
                    failed += what is not None
                    if what:
                        shrink = not args.no_shrink and failed <= SHRINK_GRAPHS
                        report(checker, recipe, graph, way, what, shrink)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
