"""Tables that read well on a terminal and are Markdown too."""


def markdown(rows):
    """rows: lists of cells, the head first; all but the first column to the right -> text"""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]

    def line(cells):
        return "| " + " | ".join(cells) + " |"

    def padded(row):
        return line([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:]))])

    rule = ["-" * widths[0], *("-" * (w - 1) + ":" for w in widths[1:])]
    return "\n".join([padded(rows[0]), line(rule), *map(padded, rows[1:])]) + "\n"


def parse(text):
    """-> the tables in a text, each as the rows that markdown() was given"""
    found, inside = [], False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        if not inside:
            found.append([])
        inside = True
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if set("".join(cells)) - set("-:"):
            found[-1].append(cells)
    return found
