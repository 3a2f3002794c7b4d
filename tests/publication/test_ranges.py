"""A range in place of a withheld count tells no reader more than its bound allows, and depends on nothing but what is shown."""

from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publication.attacker import printed
from tests.publication.making import communities, table
from throughway.publication import RawCell, RawTable
from throughway.publication.linear_system import system_of, with_known_sizes
from throughway.publication.open_part import OpenPart, open_parts
from throughway.publication.policy import POLICY
from throughway.publication.protection import hidden_figures, protect, too_small
from throughway.publication.ranges import _Halving, ranges_of
from throughway.publication.tables import place

MINIMUM = 2  # small, so that every table can be listed


def every_table(release, most):
    """All tables of whole numbers that fit a release, the slow way: {at: count} for each, from its JSON alone.

    `release`: one table by two dimensions, with all totals. Inner counts up to `most`.
    """
    cells = {place(cell["at"]): printed(cell["shown"]) for cell in release["cells"]}
    inner = [at for at in cells if len(at) == 2]
    highs = [most if cells[at][1] is None else min(most, cells[at][1]) for at in inner]
    totals = {at: [i for i, part in enumerate(inner) if at <= part] for at in cells}
    for values in product(*(range(cells[at][0], high + 1) for at, high in zip(inner, highs, strict=True))):
        found = {at: sum(values[i] for i in parts) for at, parts in totals.items()}
        if all(low <= found[at] and (high is None or found[at] <= high) for at, (low, high) in cells.items()):
            yield found


pairs = st.lists(st.integers(0, 5), min_size=4, max_size=4)


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_no_table_of_whole_numbers_places_a_figure_closer(counts):
    """A reader who lists all tables, and knows that a figure is withheld only where one is below the minimum."""
    values = {"outcome": ("lost", "reached"), "sex": ("Female", "Male")}
    places = [{"outcome": o, "sex": s} for o, s in product(*values.values())]
    people = [at for at, count in zip(places, counts, strict=True) for _ in range(count)]
    raw = table(people, ("outcome", "sex"), values)
    (release,) = (t.to_json() for t in protect([raw], minimum_cell=MINIMUM))
    hidden = [place(c["at"]) for c in release["cells"] if not isinstance(c["shown"], int)]
    most = sum(counts) + 4
    known = [
        found
        for found in every_table(release, most)
        if not hidden or any(found[at] < MINIMUM for at in hidden)
    ]
    for at in hidden:
        seen = [found[at] for found in known]
        assert max(seen) - min(seen) >= MINIMUM
        assert max(seen) >= MINIMUM


@settings(max_examples=25, deadline=None)
@given(communities(), st.randoms(use_true_random=False))
def test_ranges_depend_on_nothing_but_what_is_shown(tables, chance):
    """Another truth that fits all that is shown would have been given the same ranges."""
    system = system_of(tables, (), POLICY)
    withheld = hidden_figures(system, too_small(system, 10), 10, POLICY)
    ranges = ranges_of(system, withheld, 10, POLICY)
    values = list(system.values)
    for part in open_parts(system, withheld):
        columns = [part.column[i] for i in part.unknowns if i in ranges]
        lower, upper = part.lower.copy(), part.upper.copy()
        for column in columns:
            lower[column], upper[column] = ranges[part.unknowns[column]]
        other = part.extreme(
            chance.choice(part.withheld), largest=chance.random() < 0.5, lower=lower, upper=upper
        )
        if len(columns) == len(part.unknowns):
            for i, value in zip(part.unknowns, other, strict=True):
                values[i] = int(value)
    assert ranges_of(replace(system, values=tuple(values)), withheld, 10, POLICY) == ranges


def test_two_figures_of_which_one_must_be_small_are_not_told_apart():
    """Of 140, 3 and 137 are withheld. "3 is at most 69" would tell that it is the one below the minimum, and so below 10."""
    cells = (
        RawCell({}, count=140),
        RawCell({"outcome": "lost"}, count=3),
        RawCell({"outcome": "reached"}, count=137),
    )
    (safe,) = protect([RawTable("t", ("outcome",), cells)], minimum_cell=10)
    assert [c.shown for c in safe.cells] == [140, None, None]


def test_tables_without_a_figure_below_the_minimum_prove_nothing(monkeypatch):
    """Of three figures each could be anything, but were all 10 at least, none would have been withheld."""
    counts = {"a": 3, "b": 40, "c": 57}
    cells = [RawCell({}, count=100), *(RawCell({"outcome": name}, count=n) for name, n in counts.items())]
    system = system_of([RawTable("t", ("outcome",), tuple(cells))], (), POLICY)
    [part] = open_parts(system, {i for i, (_, at) in enumerate(system.names) if at})
    halving, needs = _Halving(part, with_known_sizes(system), 10, POLICY), np.full(3, 11)
    assert halving._wide(halving.lower, halving.upper, needs)
    large = [np.array(each) for each in ((10, 30, 60), (30, 60, 10), (60, 10, 30))]
    monkeypatch.setattr(OpenPart, "moving_many", lambda *_: iter(large))
    assert not halving._wide(np.full(3, 10), halving.upper, needs)


def test_a_large_total_that_hides_few_is_shown_as_a_range():
    values = {"outcome": ("lost", "not seen", "reached"), "sex": ("Female", "Male", "Not recorded")}
    sizes = {("lost", "Female"): 50, ("lost", "Male"): 60, ("reached", "Female"): 400, ("reached", "Male"): 380,
             ("not seen", "Male"): 1, ("not seen", "Female"): 2, ("lost", "Not recorded"): 1}  # fmt: skip
    people = [{"outcome": o, "sex": s} for (o, s), count in sizes.items() for _ in range(count)]
    raw = table(people, ("outcome", "sex"), values)
    (safe,) = protect([raw], minimum_cell=10)
    assert safe.shown({}) == 894
    assert safe.shown({"outcome": "lost"}) == "92–114"
    assert sum(cell.withheld for cell in safe.cells) == 1
    for true, cell in zip(raw.cells, safe.cells, strict=True):
        low, high = printed(cell.shown)
        assert cell.withheld or low <= true.count <= high
        assert cell.withheld or low == high or 11 <= high - low <= 40


def test_a_question_is_answered_only_where_either_answer_is_safe(monkeypatch):
    """Where the upper half would tell too much, nothing is shown of a count in the lower half either."""

    def only_lower(self, lower, upper):
        return bool((lower == self.lower).all())

    cells = [
        RawCell({}, count=90),
        *(RawCell({"outcome": o}, count=n) for o, n in (("a", 3), ("b", 4), ("c", 83))),
    ]
    system = system_of([RawTable("t", ("outcome",), tuple(cells))], (), POLICY)
    withheld = {i for i, (_, at) in enumerate(system.names) if at}
    before = ranges_of(system, withheld, 10, replace(POLICY, widest_range=100))
    monkeypatch.setattr(_Halving, "_safe", only_lower)
    found = ranges_of(system, withheld, 10, replace(POLICY, widest_range=100))
    assert set(found.values()) == {(0, 90)}
    assert min(high - low for low, high in before.values()) < 90
