"""No reader of a release can place a withheld figure closer than the minimum cell."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publication.attacker import printed, ranges
from tests.publication.making import OUTCOMES, communities, table
from throughway.publication import RawCell, RawTable, Relation
from throughway.publication.audit import Audit, Block, least_change
from throughway.publication.linear_system import system_of
from throughway.publication.policy import POLICY
from throughway.publication.protection import derivable, protect, too_small, withheld_against_sums


def published(tables, **options):
    return [t.to_json() for t in protect(tables, minimum_cell=10, **options)]


def exact(release):
    """Which figures are printed as counts, in their order."""
    return [isinstance(cell["shown"], int) for cell in release["cells"]]


def counts(**of):
    return tuple(RawCell({"outcome": name} if name != "all" else {}, count=n) for name, n in of.items())


@settings(max_examples=40, deadline=None)
@given(communities(), st.sampled_from([5, 10, 16]))
def test_withheld_figures_keep_a_range_as_wide_as_the_minimum(tables, minimum):
    release = [t.to_json() for t in protect(tables, minimum_cell=minimum)]
    for smallest, largest in ranges(release).values():
        assert largest - smallest >= minimum - 1e-6
        assert largest >= minimum - 1e-6


@settings(max_examples=40, deadline=None)
@given(communities())
def test_what_is_shown_is_true_and_never_small(tables):
    for raw, safe in zip(tables, protect(tables, minimum_cell=10), strict=True):
        for true, cell in zip(raw.cells, safe.cells, strict=True):
            low, high = printed(cell.shown)
            assert low <= true.count <= (math.inf if high is None else high)
            assert (true.count >= 10 and low == high) or high is None or high - low >= 10


@settings(max_examples=40, deadline=None)
@given(communities())
def test_the_same_figure_is_shown_everywhere_alike(tables):
    marks = {}
    for safe in protect(tables, minimum_cell=10):
        for cell in safe.cells:
            at = frozenset(cell.at.items())
            assert marks.setdefault(at, cell.shown) == cell.shown


@settings(max_examples=40, deadline=None)
@given(communities(), st.randoms(use_true_random=False))
def test_the_audit_finds_a_secondary_figure_that_isprinted(tables, chance):
    """Every secondary suppression is needed or harmless; a release with one dropped is judged as the attacker judges it."""
    system = system_of(tables, (), POLICY)
    primary = too_small(system, 10)
    kept = withheld_against_sums(system, primary)
    beside = sorted(kept - primary)
    if not beside:
        return
    dropped = kept - {chance.choice(beside)}
    assert derivable(system, dropped)
    assert Audit(system, 10, POLICY).narrow(dropped) & derivable(system, dropped)


@settings(max_examples=30, deadline=None)
@given(communities())
def test_no_withheld_figure_can_be_computed_exactly(tables):
    system = system_of(tables, (), POLICY)
    assert not derivable(system, withheld_against_sums(system, too_small(system, 10)))


def test_a_dropped_suppression_is_seen_by_the_attacker_too():
    release = published([RawTable("t", ("outcome",), counts(all=40, reached=35, lost=5))])
    assert exact(release[0]) == [True, False, False]
    release[0]["cells"][1].update(shown=35, withheld=False)
    ((smallest, largest),) = ranges(release).values()
    assert smallest == largest == 5


def test_a_narrow_figure_that_only_fractions_could_widen_hides_all_beside_it():
    """No change is never the answer for a figure that is narrow in whole numbers."""
    system = system_of([RawTable("t", ("outcome",), counts(all=40, reached=35, lost=5))], (), POLICY)
    whole, reached, lost = range(3)
    change = least_change(
        Block.of(system, [whole, reached, lost], POLICY), lost, {reached, lost}, low=-6, high=16
    )
    assert change.figures == {whole}


def test_all_in_one_outcome_is_not_told():
    release = published([RawTable("t", ("outcome",), counts(all=40, reached=40, lost=0))])
    assert [c["shown"] for c in release[0]["cells"]] == [40, "0–40", "0–40"]


def test_a_group_that_is_everyone_is_not_told():
    values = {"outcome": OUTCOMES, "sex": ("Female", "Male")}
    people = [{"outcome": OUTCOMES[i % 3], "sex": "Female"} for i in range(90)]
    (release,) = published([table(people, ("outcome", "sex"), values)])
    assert exact(release) == ["sex" not in c["at"] for c in release["cells"]]


def test_two_withheld_parts_with_a_small_sum_are_widened():
    """3 and 4 beside each other would be known to be 7 together: a group of seven."""
    release = published([RawTable("t", ("outcome",), counts(all=107, a=3, b=4, c=60, d=40))])
    assert sum(not shown for shown in exact(release[0])) >= 3
    assert all(high - low >= 10 for low, high in ranges(release).values())


def test_one_student_alone_cannot_subtract_themselves():
    """1 and 9 make 10; whoever is the one would know the nine. So every range is one wider; with or without a 1, which would tell."""
    for a in (1, 2):
        of_ten = published([RawTable("t", ("outcome",), counts(all=110, a=a, b=10 - a, c=100))])
        of_eleven = published([RawTable("t", ("outcome",), counts(all=111, a=a, b=11 - a, c=100))])
        assert sum(not shown for shown in exact(of_ten[0])) == 3
        assert exact(of_eleven[0]) == [True, False, False, True]


def test_figures_shared_by_two_steps_are_protected_in_both():
    """Those who graduate are those who start the next step: one figure under two names."""
    steps = RawTable("steps", ("step", "outcome"), (
        RawCell({"step": "1"}, count=60), RawCell({"step": "1", "outcome": "reached"}, count=55),
        RawCell({"step": "1", "outcome": "lost"}, count=5), RawCell({"step": "2"}, count=55),
        RawCell({"step": "2", "outcome": "reached"}, count=30), RawCell({"step": "2", "outcome": "lost"}, count=25),
    ))  # fmt: skip
    same = Relation({"step": "1", "outcome": "reached"}, [{"step": "2"}])
    known = [({"step": "1", "outcome": "reached"}, [{"step": "2"}])]
    apart, joined = published([steps]), published([steps], relations=[same])
    assert min(high - low for low, high in ranges(apart, known).values()) < 10
    assert min(high - low for low, high in ranges(joined, known).values()) >= 10


def test_relations_of_parts_to_wholes_are_protected():
    cells = (RawCell({"class": "ninth"}, count=4), RawCell({"class": "all"}, count=12))
    within = Relation({"class": "all"}, [{"class": "ninth"}], exact=False)
    (alone,) = protect([RawTable("t", ("class",), cells)], minimum_cell=10, relations=[within])
    assert alone.shown({"class": "all"}) == 12
    assert alone.shown({"class": "ninth"}) == "0–12"
    (tight,) = protect([RawTable("t", ("class",), (cells[0], RawCell({"class": "all"}, count=8)))],
                       minimum_cell=10, relations=[within])  # fmt: skip
    assert not any(isinstance(c.shown, int) for c in tight.cells)


@pytest.mark.parametrize(
    ("lost", "reached", "rate"),
    [(12, 28, 30), (5, 95, None), (95, 5, None), (0, 60, None), (10, 2000, "≤1%"), (12, 180, 6)],
)
def test_a_rate_stands_only_beside_its_counts(lost, reached, rate):
    at = {name: frozenset({("outcome", name)}) for name in ("lost", "reached")}
    share = RawTable("share", (), (
        RawCell({}, "rate", numerator=lost, denominator=lost + reached, of=(at["lost"],), among=tuple(at.values())),
    ))  # fmt: skip
    tables = [RawTable("t", ("outcome",), counts(all=lost + reached, lost=lost, reached=reached)), share]
    assert protect(tables, minimum_cell=10)[1].shown({}, "rate") == rate


def test_a_contradiction_is_not_published():
    with pytest.raises(ValueError, match="not the sum"):
        protect([RawTable("t", ("outcome",), counts(all=40, reached=30, lost=5))], minimum_cell=10)
    with pytest.raises(ValueError, match="two values"):
        protect([RawTable("a", (), (RawCell({}, count=20),)), RawTable("b", (), (RawCell({}, count=21),))],
                minimum_cell=10)  # fmt: skip
