"""A slow and obvious attacker, who reads only what was published and shares no code with the protection.

It takes each unknown as a real number of zero or more, writes down every sum that the published tables show, and asks a
linear programme for the smallest and largest value of each withheld figure.
"""

import math

import numpy as np
from scipy.optimize import linprog


def ranges(tables, equalities=(), caps=None):
    """{(statistic, at)} → (smallest, largest) for each withheld count, from the JSON of a release alone.

    `equalities`: (total at, [part ats]) that the attacker knows beside the tables.
    """
    cells = {}
    for table in tables:
        for cell in table["cells"]:
            if cell["statistic"] == "students":
                cells[frozenset(cell["at"].items())] = cell
    names = sorted(cells, key=lambda at: sorted(at))
    column = {at: i for i, at in enumerate(names)}
    left, right = [], []
    dimensions = {d for table in tables for d in table["by"]}
    for at in names:
        for dimension in dimensions - {d for d, _ in at}:
            parts = [
                o for o in names if len(o) == len(at) + 1 and at < o and next(iter(o - at))[0] == dimension
            ]
            if parts:
                left.append(_line(column, at, parts))
                right.append(0)
    for total, parts in equalities:
        left.append(_line(column, frozenset(total.items()), [frozenset(p.items()) for p in parts]))
        right.append(0)
    for at in names:
        if not cells[at]["withheld"]:
            line = np.zeros(len(names))
            line[column[at]] = 1
            left.append(line)
            right.append(cells[at]["shown"])
    found = {}
    for at in names:
        if cells[at]["withheld"]:
            found[at] = (_best(column[at], left, right, 1), _best(column[at], left, right, -1))
    return found


def _line(column, total, parts):
    line = np.zeros(len(column))
    line[column[total]] -= 1
    for part in parts:
        line[column[part]] += 1
    return line


def _best(i, left, right, sign):
    aim = np.zeros(len(left[0]) if left else i + 1)
    aim[i] = sign
    answer = linprog(aim, A_eq=np.array(left), b_eq=np.array(right), bounds=(0, None), method="highs")
    if answer.status == 3:
        return -math.inf if sign > 0 else math.inf
    assert answer.status == 0, answer.message
    return sign * answer.fun
