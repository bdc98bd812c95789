"""The chart of starts: a bar a loader, as long as its time beside that of the libc's own loader.

Time on the processor: of what is measured it depends least on what else the machine does.
"""

WAYS = {"own": "the libc's own loader", "myld-off": "myld.so, cold", "myld-bindings": "with bindings",
        "myld-snapshot": "with a snapshot"}
FLOORS = {"F2": "floor F2 (private pages)", "F3": "floor F3 (shared pages)"}
LEFT, UNIT, BAR, GAP, WIDTH = 120, 430, 11, 14, 750
FIELD = "cpu_us"
LONGEST = 1.2  # of the own loader's time; longer bars are cut, their numbers tell

# Greys and one blue that stand out from white and from black alike.
STYLE = """
text { font: 12px sans-serif; fill: #24292f; }
.small { font-size: 10px; }
.own { fill: #8c959f; } .myld-off { fill: #b6c7dd; } .myld-bindings { fill: #6a93c7; }
.myld-snapshot { fill: #2f5f9e; }
.F2, .F3 { stroke: #24292f; stroke-width: 1.5; } .F3 { stroke-dasharray: 3 2; }
@media (prefers-color-scheme: dark) {
	text { fill: #e6edf3; }
	.F2, .F3 { stroke: #e6edf3; }
	.own { fill: #6e7681; } .myld-off { fill: #3f5675; } .myld-bindings { fill: #4f7fb8; }
	.myld-snapshot { fill: #8fbcf0; }
}
"""


def milliseconds(us):
    return f"{us / 1000:.2f} ms" if us < 10000 else f"{us / 1000:.0f} ms"


def text(x, y, words, more=""):
    return f'<text x="{x:.0f}" y="{y:.0f}"{more}>{words}</text>'


def legend(y):
    parts, x = [], 20
    for way, words in WAYS.items():
        parts.append(f'<rect class="{way}" x="{x}" y="{y - 9}" width="12" height="10"/>')
        parts.append(text(x + 17, y, words))
        x += 35 + 7 * len(words)
    x, y = 20, y + 20
    for floor, words in FLOORS.items():
        parts.append(f'<line class="{floor}" x1="{x + 6}" x2="{x + 6}" y1="{y - 11}" y2="{y + 3}"/>')
        parts.append(text(x + 17, y, words))
        x += 35 + 7 * len(words)
    return parts


def group(starts, program, y):
    """-> (parts, the next y)"""
    base = starts.value(program, "own", "stop", FIELD)
    times = {way: starts.value(program, way, "stop", FIELD) for way in WAYS}
    times = {way: us for way, us in times.items() if us}
    height = BAR * len(times)
    parts = [text(LEFT - 8, y + height / 2 + 4, program.replace(" x ", " × "),
                  ' text-anchor="end"')]
    for i, (way, us) in enumerate(times.items()):
        length = UNIT * min(us / base, LONGEST)
        parts.append(f'<rect class="{way}" x="{LEFT}" y="{y + BAR * i}" width="{length:.1f}" '
                     f'height="{BAR - 1}"/>')
        words = milliseconds(us) + (f" ({us / base:.2f})" if way != "own" else "")
        parts.append(text(LEFT + length + 5, y + BAR * i + 9, words, ' class="small"'))
    for floor in FLOORS:
        us = starts.value(program, floor, "floor", FIELD)
        if us:
            x = LEFT + UNIT * min(us / base, LONGEST)
            parts.append(f'<line class="{floor}" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 2}" '
                         f'y2="{y + height + 1}"/>')
    return parts, y + height + GAP


def write(starts, path):
    parts = [text(20, 24, "From exec to the first constructor, on the processor, beside the libc's own loader",
                  ' font-weight="bold"')]
    parts += legend(46)
    y = 90
    for program in starts.programs:
        if starts.value(program, "own", "stop", FIELD):
            more, y = group(starts, program, y)
            parts += more
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" '
                    f'viewBox="0 0 {WIDTH} {y}" role="img">\n<style>{STYLE}</style>\n'
                    + "\n".join(parts) + "\n</svg>\n")
