"""What a preview tells of each figure: what it would be, or what was told of one that counts nearly the same students."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.publication.test_earlier_releases import BY, read
from throughway.publication import RawCell, RawTable, actions
from throughway.publication.actions import tell_preview
from throughway.publication.earlier_releases import earlier_releases, told_before
from throughway.publication.joint_release import CountedTables, joint_tables
from throughway.publication.models import PreviewedFigures
from throughway.publication.previews import Told, ToldFigure, as_told_before, in_steps, told_sentence
from throughway.store import Community

SHOWN, RANGE, WITHHELD = Told.SHOWN, Told.RANGE, Told.WITHHELD
MINIMUM = 10


def figure(persons: Sequence[int], told: Told = SHOWN) -> ToldFigure:
    return ToldFigure(np.array(sorted(persons), np.int64), told)


@pytest.mark.parametrize(
    ("many", "step"), [(0, 0), (1, 0), (4, 0), (5, 5), (9, 5), (10, 10), (4_999, 2_000), (9_000, 5_000)]
)
def test_steps(many: int, step: int) -> None:
    assert in_steps(many) == step


def test_nobody_and_few_are_one_sentence() -> None:
    assert {told_sentence(in_steps(n)) for n in range(5)} == {
        "Fewer than 5 figures, or none, would be shown."
    }


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ([], SHOWN),
        ([[figure(range(30), WITHHELD)]], WITHHELD),  # the same students
        ([[figure(range(21), WITHHELD)]], WITHHELD),  # nine fewer
        ([[figure(range(20), WITHHELD)]], SHOWN),  # ten fewer
        ([[figure(range(39), WITHHELD)]], WITHHELD),  # nine more
        ([[figure(range(4, 34), WITHHELD)]], WITHHELD),  # four others
        ([[figure(range(5, 35), WITHHELD)]], SHOWN),  # five others are ten who differ
        ([[figure(range(40, 70), WITHHELD)]], SHOWN),  # of nobody in it
        ([[figure(range(29), RANGE)], [figure(range(30), WITHHELD)]], RANGE),  # the first decides
        ([[figure(range(29), RANGE), figure(range(30), WITHHELD)]], RANGE),
        ([[]], SHOWN),
    ],
)
def test_the_first_that_differs_in_fewer_than_the_minimum_decides(
    before: list[list[ToldFigure]], told: Told
) -> None:
    found, new = as_told_before([figure(range(30))], before, MINIMUM)
    assert found == [told]
    assert [each.told for each in new] == ([SHOWN] if told is SHOWN else [])


def test_few_students_are_told_like_nobody() -> None:
    assert as_told_before([figure(range(9)), figure(())], [[figure(range(50, 60))]], MINIMUM) == ([], [])


@pytest.mark.parametrize(("left", "told"), [(9, [SHOWN]), (5, [SHOWN]), (4, []), (0, [])])
def test_leaving_students_out_does_not_tell_when_a_figure_becomes_small(left: int, told: list[Told]) -> None:
    assert as_told_before([figure(range(left), WITHHELD)], [[figure(range(10))]], MINIMUM) == (told, [])


def test_what_was_told_before_is_read_no_further_than_needed() -> None:
    def before() -> Sequence[ToldFigure]:
        yield [figure(range(30), WITHHELD)]
        raise AssertionError

    assert as_told_before([figure(range(25))], before(), MINIMUM)[0] == [WITHHELD]


def slowly(asked: ToldFigure, before: list[list[ToldFigure]], minimum: int) -> list[Told]:
    """What is told of one figure, by the definition."""
    mine = {*asked.persons.tolist()}
    for each in (figure for earlier in before for figure in earlier):
        theirs = {*each.persons.tolist()}
        if 2 * len(mine) >= minimum and mine & theirs and len(mine ^ theirs) < minimum:
            return [each.told]
    return [asked.told] if len(mine) >= minimum else []


people = st.sets(st.integers(0, 25), max_size=26)
some = st.builds(lambda who, told: figure(sorted(who), told), people, st.sampled_from(Told))


@given(st.lists(some, max_size=4), st.lists(st.lists(some, max_size=4), max_size=4), st.integers(1, 12))
def test_it_is_what_the_definition_says(
    asked: list[ToldFigure], before: list[list[ToldFigure]], minimum: int
) -> None:
    told, _ = as_told_before(asked, before, minimum)
    assert told == [how for each in asked for how in slowly(each, before, minimum)]


@given(st.lists(some, max_size=4), st.lists(st.lists(some, max_size=4), max_size=4), st.integers(2, 12))
def test_what_is_remembered_is_told_again(
    asked: list[ToldFigure], before: list[list[ToldFigure]], minimum: int
) -> None:
    told, new = as_told_before(asked, before, minimum)
    assert as_told_before(asked, [*before, new], minimum)[1] == []
    assert all(each.persons.size >= minimum for each in new)
    assert len(new) <= len(told)


# ---- remembered in the database


def tell(*figures: ToldFigure) -> list[Told]:
    return tell_preview(
        figures, earlier=(), minimum=MINIMUM, agreements=["riverbend-2026"], disclosures=[read(1)], by=BY
    )


@pytest.mark.django_db
class TestRemembered:
    def test_a_later_preview_of_nearly_the_same_students_tells_the_same(self, community: Community) -> None:
        assert tell(figure(range(100, 130), WITHHELD), figure(range(200, 230))) == [WITHHELD, SHOWN]
        assert tell(figure(range(100, 129)), figure(range(201, 230), WITHHELD)) == [WITHHELD, SHOWN]
        assert PreviewedFigures.objects.count() == 1  # nobody was told anything new

    def test_the_newest_are_remembered(self, community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(actions, "REMEMBERED", 2)
        for first in (100, 200, 300):
            tell(figure(range(first, first + 30), WITHHELD))
        assert tell(figure(range(100, 130))) == [SHOWN]
        assert tell(figure(range(300, 330))) == [WITHHELD]
        assert PreviewedFigures.objects.count() == 2

    @pytest.mark.parametrize("act", ["public", "withdrawn"])
    def test_what_a_release_showed_counts_before_every_preview(self, community: Community, act: str) -> None:
        """Releases of an earlier version are read as those of today are: they store whom they count."""
        cells = [
            RawCell({"school": name}, count=len(who), persons=np.array(who, np.int64))
            for name, who in (("Elm", range(100, 130)), ("Oak", range(130, 134)), ("Ash", range(140, 180)))
        ]
        counted = CountedTables((RawTable("Students", ("school",), tuple(cells)),), MINIMUM)
        entry = read(*range(100, 180))
        joint = joint_tables(counted, report="question", purpose="report", disclosures=[entry])
        release = actions.publish(
            report="question", title="By school", tables=joint.tables, purpose="report", on=date(2026, 6, 30), joint=joint,
            agreements=[("riverbend-2026", "f" * 64)], minimum_cell=MINIMUM, review_days=0, disclosures=[entry], by=BY,
        ).id  # fmt: skip
        if act == "withdrawn":
            actions.act_on(actions.ReleaseAct.WITHDRAW, release=release, reason="A wrong year", by=BY)
        PreviewedFigures.objects.all().delete()
        releases = earlier_releases(np.arange(100, 180), report="other", disclosures=[read(1)])
        asked = [figure(range(101, 130), WITHHELD), figure(range(141, 180), RANGE)]
        assert as_told_before(asked, told_before(releases), MINIMUM)[0] == [SHOWN, SHOWN]


@pytest.mark.django_db
def test_of_two_previews_at_once_the_second_tells_what_the_first_told(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is compared and remembered after this one was compared."""
    others: list[list[Told]] = []

    def compared(*what: Any) -> Any:
        found = as_told_before(*what)
        monkeypatch.setattr(actions, "as_told_before", as_told_before)
        if not others:
            others.append(tell(figure(range(100, 130), WITHHELD)))
        return found

    monkeypatch.setattr(actions, "as_told_before", compared)
    assert [tell(figure(range(100, 129), SHOWN))] == others == [[WITHHELD]]
    assert PreviewedFigures.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_threads_that_compare_at_one_moment_tell_the_same(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the suite's SQLite database is in memory, and a transaction of one in a file is alone")
    once, together = threading.local(), threading.Barrier(2, timeout=20)

    def compared(*what: Any) -> Any:
        found = as_told_before(*what)
        if not hasattr(once, "waited"):
            once.waited = True
            together.wait()
        return found

    def ask(asked: ToldFigure) -> list[Told]:
        try:
            return tell(asked)
        finally:
            connection.close()

    monkeypatch.setattr(actions, "as_told_before", compared)
    with ThreadPoolExecutor(2) as askers:
        told = list(askers.map(ask, [figure(range(100, 130), WITHHELD), figure(range(100, 129), SHOWN)]))
    assert told[0] == told[1]
    assert PreviewedFigures.objects.count() == 1
