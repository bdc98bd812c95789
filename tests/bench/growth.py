"""How time grows with what a program is made of: least squares over the generated programs."""

UNKNOWNS = ("constant", "libraries", "named")


def solve(matrix, right):
    """Gaussian elimination with pivots; small and dense."""
    n = len(right)
    rows = [list(row) + [r] for row, r in zip(matrix, right)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda j: abs(rows[j][i]))
        if abs(rows[pivot][i]) < 1e-12:
            raise ValueError("the programs are too much alike")
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for j in range(i + 1, n):
            factor = rows[j][i] / rows[i][i]
            rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i])]
    found = [0.0] * n
    for i in reversed(range(n)):
        found[i] = (rows[i][n] - sum(rows[i][j] * found[j] for j in range(i + 1, n))) / rows[i][i]
    return found


def fit(points, times):
    """points: lists of what each time depends on -> (coefficients, largest relative error)

    Errors are taken relative to the time: the programs differ by a thousand.
    """
    scaled = [[x / t for x in point] for point, t in zip(points, times)]
    n = len(points[0])
    matrix = [[sum(row[i] * row[j] for row in scaled) for j in range(n)] for i in range(n)]
    found = solve(matrix, [sum(row[i] for row in scaled) for i in range(n)])
    worst = max(abs(sum(c * x for c, x in zip(found, point)) / t - 1)
                for point, t in zip(points, times))
    return found, worst
