"""A slow and obvious attacker, who reads only what was published and shares no code with the protection.

It takes each unknown as a real number of zero or more, writes down every sum that the published tables show, and asks a
linear programme for the smallest and largest value of each withheld figure.
"""

import math

import numpy as np
from scipy.optimize import linprog


def ranges(tables, equalities=(), known=None, at_most=()):
    """{(statistic, at)} → (smallest, largest) for each count that is withheld or shown as a range, from the JSON of a release alone.

    `equalities`: (total at, [part ats]) that the attacker knows beside the tables; `known`: {at: count} that the attacker has elsewhere,
    which are not asked for. `at_most`: ([ats], [ats]) of which the attacker knows that the first together are no more than the second.
    """
    cells = {}
    for table in tables:
        for cell in table["cells"]:
            if cell["statistic"] == "students":
                cells[frozenset(cell["at"].items())] = cell
    names = sorted(cells, key=lambda at: sorted(at))
    column = {at: i for i, at in enumerate(names)}
    left, right = [], []
    known = known or {}
    bounds = [(known[at],) * 2 if at in known else printed(cells[at]["shown"]) for at in names]
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
    below = []
    for fewer, more in at_most:
        line = np.zeros(len(column))
        for at in fewer:
            line[column[frozenset(at.items())]] += 1
        for at in more:
            line[column[frozenset(at.items())]] -= 1
        below.append(line)
    found = {}
    for at in names:
        if at not in known and not isinstance(cells[at]["shown"], int):
            found[at] = tuple(_best(column[at], left, right, bounds, sign, below) for sign in (1, -1))
    return found


def printed(shown):
    """The smallest and largest count that may be printed so: a count, a range such as `10–29`, or nothing."""
    if shown is None:
        return 0, None
    if isinstance(shown, int):
        return shown, shown
    low, high = shown.split("–")
    return int(low), int(high)


def _line(column, total, parts):
    line = np.zeros(len(column))
    line[column[total]] -= 1
    for part in parts:
        line[column[part]] += 1
    return line


def _best(i, left, right, bounds, sign, below=()):
    aim = np.zeros(len(bounds))
    aim[i] = sign
    sums = {"A_eq": np.array(left), "b_eq": np.array(right)} if left else {}
    sums |= {"A_ub": np.array(below), "b_ub": np.zeros(len(below))} if below else {}
    answer = linprog(aim, **sums, bounds=bounds, method="highs")
    if answer.status == 3:
        return -math.inf if sign > 0 else math.inf
    assert answer.status == 0, answer.message
    return sign * answer.fun
