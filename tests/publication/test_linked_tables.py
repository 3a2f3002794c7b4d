"""Linked tables against a slow reference: all tables of whole numbers that fit a release, listed one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publication.attacker import printed, ranges
from tests.publication.making import table
from throughway.publication import RawCell, RawTable, Relation
from throughway.publication.protection import protect
from throughway.publication.tables import place

MINIMUM = 2
VALUES = {"outcome": ("lost", "reached"), "school": ("North", "South"), "sex": ("Female", "Male")}
KINDS = [dict(zip(VALUES, each, strict=True)) for each in product(*VALUES.values())]
MOST = 4
EVERY = np.array(
    list(product(range(MOST + 1), repeat=len(KINDS))), np.int8
)  # all towns: students of each kind


def seen(at):
    """The figure at a place in every town."""
    mine = [i for i, kind in enumerate(KINDS) if at.items() <= kind.items()]
    return EVERY[:, mine].sum(axis=1)


def closest(release):
    """{place: (smallest, largest)} of each figure that is not printed exactly, over all towns that fit the release, and its rule: where
    figures are withheld, one at least is below the minimum."""
    cells = {place(c["at"]): printed(c["shown"]) for t in release for c in t["cells"]}
    fits = np.ones(len(EVERY), bool)
    for at, (low, high) in cells.items():
        figure = seen(dict(at))
        fits &= (figure >= low) & (figure <= (high if high is not None else 10**6))
    hidden = [at for at, (low, high) in cells.items() if low != high]
    figures = {at: seen(dict(at))[fits] for at in hidden}
    if hidden:
        small = np.any([figure < MINIMUM for figure in figures.values()], axis=0)
        figures = {at: figure[small] for at, figure in figures.items()}
    return {at: (figure.min(), figure.max()) for at, figure in figures.items()}


towns = st.lists(st.integers(0, 2), min_size=len(KINDS), max_size=len(KINDS))


@settings(max_examples=40, deadline=None)
@given(towns, st.sampled_from([("school", "sex"), ("sex",), ("school",)]), st.booleans())
def test_no_town_that_fits_places_a_figure_closer(counts, groupings, crossed):
    """Margins, several groupings at once, and three dimensions crossed."""
    people = [kind for kind, count in zip(KINDS, counts, strict=True) for _ in range(count)]
    by = [("outcome", "school", "sex")] if crossed else [("outcome", d) for d in groupings]
    raw = [table(people, each, VALUES) for each in by]
    release = [t.to_json() for t in protect(raw, minimum_cell=MINIMUM)]
    for at, (low, high) in closest(release).items():
        assert high - low >= MINIMUM, (dict(at), low, high)
        assert high >= MINIMUM, (dict(at), low, high)


def hierarchy(sizes):
    """Districts of two schools each, every school with two outcomes, and the sums over districts and over all."""
    names = [(f"district {i // 2}", f"school {i}") for i in range(len(sizes))]
    schools, districts = [], []
    for outcome in (None, 0, 1):
        more = {} if outcome is None else {"outcome": VALUES["outcome"][outcome]}
        count = [sum(each) if outcome is None else each[outcome] for each in sizes]
        schools += [RawCell({"school": s, **more}, count=n) for (_, s), n in zip(names, count, strict=True)]
        schools.append(RawCell(more, count=sum(count)))
        for d in dict.fromkeys(d for d, _ in names):
            mine = sum(n for (name, _), n in zip(names, count, strict=True) if name == d)
            districts.append(RawCell({"district": d, **more}, count=mine))
        districts.append(RawCell(more, count=sum(count)))
    relations = [
        Relation({"district": d, **more}, [{"school": s, **more} for name, s in names if name == d])
        for d in dict.fromkeys(d for d, _ in names)
        for more in ({}, *({"outcome": o} for o in VALUES["outcome"]))
    ]
    tables = [
        RawTable("schools", ("school", "outcome"), tuple(schools)),
        RawTable("districts", ("district", "outcome"), tuple(districts)),
    ]
    return tables, relations


@pytest.mark.parametrize("sizes", [
    [(5, 40), (30, 60), (25, 50), (35, 45)],  # one small count in one school
    [(5, 40), (3, 60), (25, 50), (35, 45)],  # two schools of one district: the other district cannot help
    [(0, 40), (30, 60), (25, 50), (35, 45)],  # all in one outcome
    [(1, 40), (9, 60), (25, 50), (35, 45)],  # a single student beside nine
])  # fmt: skip
def test_schools_in_districts_are_protected_together(sizes):
    tables, relations = hierarchy(sizes)
    release = [t.to_json() for t in protect(tables, minimum_cell=10, relations=relations)]
    known = [(dict(r.total), [dict(p) for p in r.parts]) for r in relations]
    found = ranges(release, known)
    assert found
    assert all(high - low >= 11 - 1e-6 and high >= 10 for low, high in found.values())


def test_small_and_complementary_figures_are_marked_alike():
    """A reader of the marks alone cannot tell which of two figures is the small one."""
    for lost in (4, 36):
        cells = (
            RawCell({}, count=40), RawCell({"outcome": "lost"}, count=lost), RawCell({"outcome": "reached"}, count=40 - lost),
        )  # fmt: skip
        (safe,) = protect([RawTable("t", ("outcome",), cells)], minimum_cell=10)
        assert [c.shown for c in safe.cells] == [40, "0–40", "0–40"]
