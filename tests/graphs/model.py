"""Dependency graphs and what a loader makes of them.

A graph is a list of libraries, each with its DT_NEEDED in order, and a program on top. The load order
is the same in both worlds: breadth-first (System V gABI, chapter 5, "Shared Object Dependencies").
The order of constructors is not: where the gABI leaves a choice, and in cycles where it says nothing,
each libc has its own rule, and programs have come to rely on it. Both rules are stated here by what
they do, and held to the real loaders by check.py.
"""
import dataclasses
import random

PROGRAM = -1
LOG = -2


@dataclasses.dataclass
class Graph:
    kind: str
    seed: int
    needed: list                # of each library: the numbers of those it needs, in order
    program: list               # what the program needs, after the log library
    preload: list = dataclasses.field(default_factory=list)
    opens: list = dataclasses.field(default_factory=list)     # (library, RTLD_GLOBAL?) in order
    # What no rule here predicts: the bits of lib.c's SHARED, the filtees as (linker's option, library)
    # of some libraries, and the program's arguments in the place of opens, as (word, library or None).
    shared: dict = dataclasses.field(default_factory=dict)
    filters: dict = dataclasses.field(default_factory=dict)
    acts: list = dataclasses.field(default_factory=list)

    def deps(self, node):
        if node == PROGRAM:
            return [LOG] + self.program
        return [] if node == LOG else self.needed[node]


def name(node):
    return {PROGRAM: "program", LOG: "liblog.so"}.get(node) or f"libg{node:04d}.so"


def breadth_first(graph, roots, known=()):
    """The order in which what roots need is found: each object's direct needs before the next's."""
    order = list(roots)
    seen = set(order)
    for node in order:
        for dep in graph.deps(node):
            if dep not in seen:
                seen.add(dep)
                order.append(dep)
    return [node for node in order if node not in known]


def post_order(children, roots):
    """Depth-first, each node after its children, except along an edge that closes a cycle."""
    done, seen = [], set()
    for root in roots:
        stack = [] if root in seen else [(root, iter(children(root)))]
        seen.add(root)
        while stack:
            node, rest = stack[-1]
            child = next((c for c in rest if c not in seen), None)
            if child is None:
                done.append(node)
                stack.pop()
            else:
                seen.add(child)
                stack.append((child, iter(children(child))))
    return done


class Musl:
    """musl since 1.1.22: a walk from the object on top, first DT_NEEDED first.

    Preloaded libraries are the program's first needs. Destructors: the exact reverse of the order in
    which constructors ran, over the whole life of the process.
    """
    name = "musl"

    def __init__(self, graph):
        self.graph = graph
        self.constructed = []

    def direct(self, node):
        return (self.graph.preload if node == PROGRAM else []) + self.graph.deps(node)

    def construct(self, root, _scope):
        new = [n for n in post_order(self.direct, [root]) if n not in self.constructed]
        self.constructed += new
        return new

    def destruct(self, _loaded):
        return self.constructed[::-1]


class Glibc:
    """glibc 2.35 and later (glibc.rtld.dynamic_sort=2): walks from every object, the last found first.

    A walk follows what is recorded for the object: its direct needs, once it was loaded as another's
    need; nothing while it is the new object on top, which goes last whatever the cycles say; and
    from then on the whole sorted list of what it brought. Destructors are sorted anew at exit, over
    all objects in load order.
    """
    name = "glibc"

    def __init__(self, graph):
        self.graph = graph
        self.recorded = {}
        self.opened = set()
        self.constructed = set()

    def children(self, node):
        return self.recorded.get(node, [])

    def sort(self, nodes):
        order = post_order(self.children, nodes[::-1])
        order.remove(nodes[0])
        return [nodes[0]] + order[::-1]

    def construct(self, root, scope):
        if root not in self.opened:
            self.opened.add(root)
            for node in scope[1:]:
                self.recorded.setdefault(node, self.graph.deps(node))
            self.recorded[root] = self.sort(scope)
        new = [n for n in self.recorded[root][::-1] if n not in self.constructed]
        self.constructed |= set(new)
        return new

    def destruct(self, loaded):
        return [n for n in self.sort(loaded) if n in self.constructed]


def predict(graph, world):
    """-> the lines that the program writes in that world."""
    rule = world(graph)
    silent = {LOG}
    loaded = breadth_first(graph, [PROGRAM] + list(dict.fromkeys(graph.preload)))
    lines = [("init", n) for n in rule.construct(PROGRAM, loaded)]
    lines += [("loaded", n) for n in loaded if n != PROGRAM]
    lines.append(("first", next(n for n in loaded if n >= 0)))
    for root, _ in graph.opens:
        lines.append(("open", root))
        loaded += breadth_first(graph, [root], loaded)
        lines += [("init", n) for n in rule.construct(root, breadth_first(graph, [root]))]
        lines += [("loaded", n) for n in loaded if n != PROGRAM]
    lines += [("fini", n) for n in rule.destruct(loaded)]
    return [f"{what} {name(n)}" for what, n in lines if what == "loaded" or n not in silent]


# Shapes. Each takes a random source and a size, and returns (needed, program).

def chain(_, size):
    return [[n + 1] for n in range(size - 1)] + [[]], [0]


def diamonds(_, size):
    """Diamonds on top of each other: 0 -> 1 2 -> 3 -> 4 5 -> 6 ..."""
    needed = []
    for n in range(size):
        next_ones = [n + 1, n + 2] if n % 3 == 0 else [n - n % 3 + 3]
        needed.append([d for d in next_ones if d < size])
    return needed, [0]


def ring(rand, size):
    """One cycle through all, entered at one or two places."""
    return [[(n + 1) % size] for n in range(size)], rand.sample(range(size), min(size, 2))


def rings(rand, size):
    """Cycles of three to five that hang together by single edges."""
    needed, start = [], 0
    while start < size:
        length = min(rand.randint(3, 5), size - start)
        needed += [[start + (n + 1) % length] for n in range(length)]
        if start:
            needed[rand.randrange(start)].append(start + rand.randrange(length))
        start += length
    return needed, [0]


def star(rand, size):
    return [[] for _ in range(size)], rand.sample(range(size), size)


def tree(_, size):
    return [[c for c in (3 * n + 1, 3 * n + 2, 3 * n + 3) if c < size] for n in range(size)], [0]


def dag(rand, size):
    needed = []
    for n in range(size):
        later = range(n + 1, min(size, n + 40))
        needed.append(rand.sample(later, min(len(later), rand.randint(0, 4))))
    return needed, rand.sample(range(size), min(size, rand.randint(1, 5)))


def tangle(rand, size):
    """Edges anywhere: cycles within cycles, and some that need themselves."""
    needed = [rand.sample(range(size), min(size, rand.choice((0, 1, 1, 2, 3, 5))))
              for _ in range(size)]
    return needed, rand.sample(range(size), min(size, rand.randint(1, 6)))


def clique(rand, size):
    """Everything needs everything else, each in an order of its own."""
    needed = [rand.sample([m for m in range(size) if m != n], size - 1) for n in range(size)]
    return needed, rand.sample(range(size), min(size, 3))


SHAPES = {f.__name__: f for f in (chain, diamonds, ring, rings, star, tree, dag, tangle, clique)}


def make(kind, seed, size, preload=0, opens=0):
    """A graph from its recipe. Libraries are numbered at random, so that names betray no order."""
    rand = random.Random(f"{kind} {seed} {size}")
    needed, program = SHAPES[kind](rand, size)
    number = rand.sample(range(size), size)
    renamed = [None] * size
    for n, deps in enumerate(needed):
        renamed[number[n]] = [number[d] for d in deps]
    program = [number[n] for n in program]
    if opens and kind != "star":
        program = program[:1] if seed % 2 else rand.sample(range(size), 1)
    return Graph(kind, seed, renamed, program, rand.sample(range(size), preload),
                 [(n, rand.random() < 0.5) for n in rand.choices(range(size), k=opens)])


MISSING = 9999     # a library that is not there


def act(rand, opened, size):
    """One argument of the program. opened: what is open, which it changes."""
    word = rand.choice(("", "", "+", "lazy:", "lazy:", "+lazy:", "deep:", "close:", "close:", "look",
                        "see"))
    if word in ("look", "see"):
        return word, None
    if word == "close:" and opened:
        return word, opened.pop(rand.randrange(len(opened)))
    node = rand.randrange(size)
    opened.append(node)
    return word.replace("close:", "lazy:"), node


def make_sequence(kind, seed, size, acts):
    """A graph whose libraries share symbols, and that the program opens and closes at random."""
    graph = make(kind, seed, size, opens=1)
    rand = random.Random(f"sequence {kind} {seed} {size}")
    opened = []
    graph.opens = []
    graph.acts = [act(rand, opened, size) for _ in range(acts)] + [("look", None), ("see", None)]
    for n in set(range(size)) - set(breadth_first(graph, [PROGRAM])):
        graph.shared[n] = (rand.choice((0, 1, 2, 3, 4, 7)) + rand.choice((0, 0, 8))
                           + rand.choice((0, 16)))
    return graph


def make_filters(kind, seed, size, filters):
    """A graph in which some libraries have filtees: those of the start, or those that are opened.

    Not both: glibc puts a filtee that was loaded earlier behind what came since, which is not held to
    anybody, and ends by a signal where libraries are filtees of each other.
    """
    graph = make(kind, seed, size, opens=1)
    rand = random.Random(f"filters {kind} {seed} {size}")
    first = breadth_first(graph, [PROGRAM])
    later = [n for n in range(size) if n not in first]
    graph.opens = []
    graph.acts = [("look", None)]
    if later and rand.random() < 0.5:
        node = rand.choice(later)
        graph.acts += [("lazy:", node), ("look", None), ("see", None), ("close:", node)]
    nodes = later if len(graph.acts) > 1 else [n for n in first if n >= 0]
    for n in rand.sample(nodes, min(len(nodes), filters)):
        for _ in range(rand.choice((1, 1, 2))):
            option = rand.choice(("--auxiliary", "--filter"))
            filtee = rand.choice([*nodes, MISSING])
            if filtee > n and (filtee != MISSING or option == "--auxiliary"):
                graph.filters.setdefault(n, []).append((option, filtee))
        graph.filters.get(n, []).sort(key=lambda f: f[0] == "--auxiliary")
    return graph


def without(graph, gone):
    """The graph with one library less, or None when the program would need nothing."""
    left = [n for n in range(len(graph.needed)) if n != gone]
    number = {old: new for new, old in enumerate(left)}

    def keep(nodes):
        return [number[n] for n in nodes if n != gone]

    if not keep(graph.program):
        return None
    number[None], number[MISSING] = None, MISSING
    filters = {number[n]: [(option, number[f]) for option, f in rest if f != gone]
               for n, rest in graph.filters.items() if n != gone}
    return dataclasses.replace(graph, needed=[keep(graph.needed[n]) for n in left],
                               program=keep(graph.program), preload=keep(graph.preload),
                               opens=[(number[n], g) for n, g in graph.opens if n != gone],
                               shared={number[n]: s for n, s in graph.shared.items() if n != gone},
                               filters=filters,
                               acts=[(word, number[n]) for word, n in graph.acts if n != gone])


def without_act(graph, at):
    """The graph with one argument of the program less."""
    return dataclasses.replace(graph, acts=graph.acts[:at] + graph.acts[at + 1:])


def describe(graph):
    """The graph as a person reads it, in one line."""
    def names(nodes):
        return ",".join(str(n) for n in nodes)

    edges = " ".join(f"{n}:{names(deps)}" for n, deps in enumerate(graph.needed) if deps)
    text = f"program:{names(graph.program)} {edges}"
    if graph.preload:
        text += f" preload={names(graph.preload)}"
    if graph.opens:
        text += " open=" + ",".join(("+" if g else "") + str(n) for n, g in graph.opens)
    if graph.shared:
        text += " shared=" + ",".join(f"{n}:{bits}" for n, bits in graph.shared.items() if bits)
    if graph.filters:
        text += " filters=" + ",".join(f"{n}:{option[2:]}:{filtee}"
                                       for n, rest in graph.filters.items() for option, filtee in rest)
    if graph.acts:
        text += " acts=" + ",".join(word + ("" if n is None else str(n)) for word, n in graph.acts)
    return text
