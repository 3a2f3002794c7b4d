"""A reader who knows how large every group is from elsewhere, shown or not, learns no small figure from a release."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publication.attacker import printed, ranges
from tests.publication.making import communities, table
from tests.publication.test_certificate import problems, released
from tests.publication.test_linked_tables import EVERY, KINDS, VALUES, seen, towns
from throughway.publication import ProtectedCell, ProtectedTable, RawCell, RawTable
from throughway.publication.certificate import certificate_of
from throughway.publication.certified_tables import certified_tables, withheld_too
from throughway.publication.protection import protect
from throughway.publication.published_system import Contradiction
from throughway.publication.release_document import digest
from throughway.publication.tables import place


def with_sizes(tables):
    """The tables, with every count of students by no outcome marked as the size of a group."""
    return [
        replace(t, cells=tuple(replace(c, public="outcome" not in c.at) for c in t.cells)) for t in tables
    ]


def sizes_of(tables):
    return {c.place: c.count for t in tables for c in t.cells if c.public}


def allowed(at, low, high, sizes, minimum):
    """Whether this is all that a reader of the sizes may find out of a figure: a range as wide as the minimum, or the figure's whole group
    where that is smaller; or that it is no small figure."""
    containing = min(size for group, size in sizes.items() if group <= at)
    return low >= minimum - 1e-6 or high - low >= min(minimum, containing) - 1e-6


@settings(max_examples=40, deadline=None)
@given(communities(), st.sampled_from([5, 10, 16]))
def test_a_reader_of_all_sizes_learns_no_small_figure(tables, minimum):
    tables = with_sizes(tables)
    release = [t.to_json() for t in protect(tables, minimum_cell=minimum)]
    sizes = sizes_of(tables)
    for at, (low, high) in ranges(release, known=sizes).items():
        assert allowed(at, low, high, sizes, minimum), (dict(at), low, high)


@settings(max_examples=40, deadline=None)
@given(communities(), st.sampled_from([5, 10, 16]))
def test_the_release_itself_tells_no_small_size(tables, minimum):
    release = [t.to_json() for t in protect(with_sizes(tables), minimum_cell=minimum)]
    for at, (low, high) in ranges(release).items():
        assert min(high - low, high) >= minimum - 1e-6, (dict(at), low, high)


@settings(max_examples=30, deadline=None)
@given(towns, st.sampled_from([("school", "sex"), ("sex",), ("school",)]), st.booleans())
def test_no_town_of_these_sizes_places_a_small_figure(counts, groupings, crossed):
    """The same, over all towns of whole students that fit the release, its rule and the sizes."""
    people = [kind for kind, count in zip(KINDS, counts, strict=True) for _ in range(count)]
    by = [("outcome", "school", "sex")] if crossed else [("outcome", d) for d in groupings]
    tables = with_sizes([table(people, each, VALUES) for each in by])
    sizes = sizes_of(tables)
    cells = {place(c.at): printed(c.shown) for t in protect(tables, minimum_cell=2) for c in t.cells}
    hidden = [at for at, (low, high) in cells.items() if low != high]
    fits = np.ones(len(EVERY), bool)
    for at, (low, high) in cells.items():
        figure = seen(dict(at))
        fits &= (
            (figure >= low)
            & (figure <= (10**6 if high is None else high))
            & (figure == sizes.get(at, figure))
        )
    if hidden:
        fits &= np.any([seen(dict(at)) < 2 for at in hidden], axis=0)
    for at in hidden:
        figure = seen(dict(at))[fits]
        assert at in sizes or allowed(at, figure.min(), figure.max(), sizes, 2), (dict(at), figure.min())


def test_a_range_is_safe_before_a_reader_of_the_sizes_too():
    """Who knows that the smallest group has two students would tell from ranges how it fared, if the ranges were judged without the sizes."""
    parts = {"lost": (0, 16, 16), "not seen": (0, 10, 14), "reached": (2, 13, 12)}
    people = [
        {"outcome": outcome, "group": f"group {n}"}
        for outcome, listed in parts.items() for n, count in enumerate(listed) for _ in range(count)
    ]  # fmt: skip
    groups = tuple(f"group {n}" for n in range(3))
    tables = with_sizes([table(people, ("outcome", "group"), {"outcome": tuple(parts), "group": groups})])
    known = ranges([t.to_json() for t in protect(tables, minimum_cell=10)], known=sizes_of(tables))
    for outcome in parts:
        low, high = known[place({"group": "group 0", "outcome": outcome})]
        assert (round(low), round(high)) == (0, 2)


def counts(**of):
    """Counts of one class by English learner and outcome: `yes_lost=2` of the learners, `lost=9` of all, `all=100`."""
    names = {"yes": {"learner": "yes"}, "no": {"learner": "no"}, "all": {}}
    cells = []
    for name, count in of.items():
        at = {}
        for word in name.split("_"):
            at |= names.get(word, {"outcome": word})
        cells.append(RawCell(at, count=count, public="outcome" not in at, worth=4 if "outcome" in at else 1))
    return [RawTable("t", ("learner", "outcome"), tuple(cells))]


CLASS = {
    "all": 300,
    "lost": 60,
    "reached": 240,
    "yes": 40,
    "no": 260,
    "yes_lost": 5,
    "yes_reached": 35,
    "no_lost": 55,
    "no_reached": 205,
}


def test_a_size_that_a_reader_has_elsewhere_is_shown():
    """Before, the size of a group was withheld to protect five who were lost, and all else was shown: who knew the size knew the five."""
    (safe,) = protect(counts(**CLASS), minimum_cell=10)
    assert [safe.shown(at) for at in ({}, {"learner": "yes"}, {"learner": "no"})] == [300, 40, 260]
    assert not isinstance(safe.shown({"learner": "yes", "outcome": "reached"}), int)


@pytest.mark.parametrize("small", [1, 4, 9, 10])
def test_a_small_group_is_withheld_and_its_parts_are_open_to_the_last(small):
    """Who knows that there are four learners knows no more about them than that: each outcome may be that of none or of all."""
    of = CLASS | {
        "yes": small,
        "no": 300 - small,
        "yes_lost": 1,
        "yes_reached": small - 1,
        "no_lost": 59,
        "no_reached": 241 - small,
    }
    tables = counts(**of)
    (safe,) = protect(tables, minimum_cell=10)
    assert not isinstance(safe.shown({"learner": "yes"}), int)
    assert not isinstance(safe.shown({"learner": "no"}), int)
    known = ranges([safe.to_json()], known=sizes_of(tables))
    for outcome in ("lost", "reached"):
        low, high = known[place({"learner": "yes", "outcome": outcome})]
        assert (round(low), round(high)) == (0, small)
    assert safe.shown({"outcome": "lost"}) == 60


# ---- the certificate


@settings(max_examples=30, deadline=None)
@given(communities(), st.sampled_from([5, 10, 16]))
def test_every_release_with_sizes_has_a_certificate_that_holds(tables, minimum):
    assert problems(released(with_sizes(tables), minimum)) == []


def small_group(yes=4):
    return counts(
        **CLASS
        | {
            "yes": yes,
            "no": 300 - yes,
            "yes_lost": 1,
            "yes_reached": yes - 1,
            "no_lost": 59,
            "no_reached": 241 - yes,
        }
    )


def sizes_by_table(release):
    """The sizes of the two groups in each table of the certificate."""
    certificate = release["certificate"]
    columns = [n for n, f in enumerate(certificate["figures"]) if set(f["at"]) == {"learner"}]
    return [tuple(row[n] for n in columns) for row in certificate["tables"]]


def test_tables_that_agree_in_the_withheld_sizes_leave_all_else_open():
    release = released(small_group())
    assert release["public_sizes"] == [{}, {"learner": "yes"}, {"learner": "no"}]
    first, *others = sizes_by_table(release)
    assert first in others
    assert set(others) - {first}  # the sizes are open too
    agreeing = [
        row for row, of in zip(release["certificate"]["tables"], [first, *others], strict=True) if of == first
    ]
    release["certificate"]["tables"] = [
        row for row in release["certificate"]["tables"] if row not in agreeing[1:]
    ]
    assert any("can be placed too closely" in problem for problem in problems(release))


def test_a_certificate_that_does_not_think_of_the_sizes_is_noticed():
    """The same release, certified as if no reader knew a size."""
    release = released(small_group())
    alone = {**release, "public_sizes": []}
    release["certificate"]["tables"] = certificate_of([alone])["tables"]
    assert problems({**alone, "certificate": certificate_of([alone])}) == []
    assert any("can be placed too closely" in problem for problem in problems(release))


def test_a_size_that_the_release_does_not_have_is_noticed():
    release = released(small_group())
    release["public_sizes"].append({"learner": "unknown"})
    release["certificate"]["releases"][0]["sha256"] = digest(release)
    assert any("a size of a group that it does not have" in problem for problem in problems(release))
    with pytest.raises(Contradiction, match="size of a group"):
        certificate_of([release])


def test_what_more_is_withheld_for_a_certificate_is_never_a_size_that_a_reader_has():
    (before,) = (
        ProtectedTable(t.title, t.by, tuple(ProtectedCell(c.at, c.statistic, c.count) for c in t.cells))
        for t in small_group(40)
    )
    hidden = withheld_too([before], [("", "students", place({"learner": "yes", "outcome": "lost"}))], ())
    (after,) = certified_tables(
        hidden, minimum_cell=10, public_sizes=[{}, {"learner": "yes"}, {"learner": "no"}]
    )
    assert [after.shown(at) for at in ({}, {"learner": "yes"}, {"learner": "no"})] == [300, 40, 260]
    assert sum(c.withheld for c in after.cells) >= 4
