"""A range that follows from what is printed: a reader of the tables without it knows it already."""

from hypothesis import given, settings

from tests.publication.attacker import ranges
from tests.publication.making import communities
from throughway.publication.certificate import certificate_of
from throughway.publication.protection import protect
from throughway.publication.ranges_that_follow import with_ranges_that_follow
from throughway.publication.shown_figures import range_ends
from throughway.publication.tables import ProtectedCell, ProtectedTable


@settings(max_examples=30, deadline=None)
@given(communities())
def test_a_reader_of_the_figures_alone_knows_each_range(tables):
    """Against an attacker who solves linear programs: the range is never narrower than what follows from the figures without it."""
    bare = protect(tables, minimum_cell=10, ranges=False)
    known = ranges([t.to_json() for t in bare])
    found = with_ranges_that_follow(bare, minimum_cell=10)
    assert [[(c.at, c.shown) for c in t.cells if not c.ranged] for t in found] == [
        [(c.at, c.shown) for c, after in zip(t.cells, a.cells, strict=True) if not after.ranged]
        for t, a in zip(bare, found, strict=True)
    ]
    for cell in (c for t in found for c in t.cells if c.ranged):
        low, high = range_ends(cell.shown)
        least, most = known[frozenset(cell.at.items())]
        assert low <= least + 1e-6
        assert most - 1e-6 <= high
        assert high - low >= 10
    assert with_ranges_that_follow(found, minimum_cell=10) == found


def test_of_a_known_total_each_part_has_a_range():
    cells = [
        ProtectedCell({}, "students", 28),
        *(ProtectedCell({"hours": h}, "students", None) for h in "abc"),
    ]
    (table,) = with_ranges_that_follow([ProtectedTable("t", ("hours",), tuple(cells))], minimum_cell=10)
    assert [c.shown for c in table.cells] == [28, "0–28", "0–28", "0–28"]


def test_what_is_too_wide_to_be_useful_or_has_no_total_is_withheld():
    cells = [
        ProtectedCell({}, "students", 41),
        *(ProtectedCell({"hours": h}, "students", None) for h in "abc"),
    ]
    alone = ProtectedTable("alone", ("hours", "year"), (ProtectedCell({"year": "2026"}, "students", None),))
    found = with_ranges_that_follow(
        [ProtectedTable("t", ("hours",), tuple(cells[1:])), alone], minimum_cell=10
    )
    assert not any(c.ranged for t in found for c in t.cells)
    (table,) = with_ranges_that_follow([ProtectedTable("t", ("hours",), tuple(cells))], minimum_cell=10)
    assert [c.shown for c in table.cells] == [41, None, None, None]


def test_a_relation_and_a_table_of_amounts():
    """What is withheld of a table with its own rule is no count; a part is no larger than what it is part of."""
    cells = [ProtectedCell({"a": "x"}, "students", 20), ProtectedCell({"b": "y"}, "students", None)]
    relation = {"total": {"a": "x"}, "parts": [{"b": "y"}], "exact": False}
    own = ProtectedTable("own", ("b",), (ProtectedCell({"b": "y"}, "students", None),), "A rule of its own.")
    table, same = with_ranges_that_follow(
        [ProtectedTable("t", ("a", "b"), tuple(cells)), own], minimum_cell=10, relations=[relation]
    )
    assert [c.shown for c in table.cells] == [20, "0–20"]
    assert same == own


def test_the_certificate_is_as_without_them():
    cells = [
        ProtectedCell({}, "students", 28),
        *(ProtectedCell({"hours": h}, "students", None) for h in "abc"),
    ]
    bare = ProtectedTable("t", ("hours",), tuple(cells))
    made = [
        certificate_of([{"id": "A2", "title": "t", "minimum_cell": 10, "tables": [table.to_json()]}])
        for table in (bare, *with_ranges_that_follow([bare], minimum_cell=10))
    ]
    assert not any(each["not_certified"] for each in made)
    assert made[0]["tables"] == made[1]["tables"]
