"""What holds on a day: truth tables of one student's events."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from throughway.agreements.enums import ANY
from throughway.consent.consent_state import (
    Events,
    consent_status_of,
    status_for_purpose,
    without_limited_signers,
)
from throughway.consent.right_holders import NEVER, UNKNOWN, Transfers, eighteenth, may_sign, transfers

DAY = date(2026, 10, 1)
Said = tuple[str, int, str, date]  # who, holder, decision, on
EARLY, LATE = date(2026, 9, 1), date(2026, 9, 20)


def events(*said: tuple[str, int, str, date], until: date | None = None) -> Events:
    return Events(
        record=np.full(len(said), 7),
        holder=np.array([holder for _, holder, _, _ in said], dtype=np.int64),
        signed=np.array([day.toordinal() for *_, day in said], dtype=np.int64),
        until=np.full(len(said), until.toordinal() if until else NEVER),
        refuses=np.array([decision != "yes" for _, _, decision, _ in said], dtype=np.bool_),
        student=np.array([who == "student" for who, *_ in said], dtype=np.bool_),
    )


def passes(day: date) -> Transfers:
    return Transfers(*(np.array([n], dtype=np.int64) for n in (7, day.toordinal(), day.toordinal())))


PASSED, NOT_YET, THAT_DAY = (passes(date(2026, *day)) for day in ((9, 10), (10, 2), (10, 1)))


@pytest.mark.parametrize(
    ("said", "rights", "given", "refused", "opted_out"),
    [
        ([("parent", 1, "yes", EARLY)], UNKNOWN, True, False, False),
        ([("parent", 1, "no", EARLY)], UNKNOWN, False, True, True),
        # The last word of one signer; on one day a refusal comes last.
        ([("parent", 1, "no", EARLY), ("parent", 1, "yes", LATE)], UNKNOWN, True, False, False),
        ([("parent", 1, "yes", EARLY), ("parent", 1, "withdrawn", LATE)], UNKNOWN, False, True, True),
        ([("parent", 1, "withdrawn", EARLY), ("parent", 1, "yes", EARLY)], UNKNOWN, False, True, True),
        # Of two who disagree the refusal stands, whoever spoke last.
        ([("parent", 1, "no", EARLY), ("parent", 2, "yes", LATE)], UNKNOWN, False, True, True),
        # What is said later than the day does not count yet.
        ([("parent", 1, "yes", EARLY), ("parent", 1, "no", date(2026, 10, 2))], UNKNOWN, True, False, False),
        ([("parent", 1, "yes", date(2026, 10, 1))], UNKNOWN, True, False, False),
        # Once the right has passed, a parent's consent is none and a parent's refusal no longer binds, save from the directory.
        ([("parent", 1, "yes", EARLY)], PASSED, False, False, False),
        ([("parent", 1, "no", EARLY), ("student", 2, "yes", LATE)], PASSED, True, False, False),
        ([("parent", 1, "no", EARLY)], PASSED, False, False, True),
        ([("parent", 1, "yes", EARLY), ("student", 2, "no", LATE)], PASSED, False, True, True),
        # It passes with the beginning of the day.
        ([("parent", 1, "yes", EARLY)], THAT_DAY, False, False, False),
        ([("parent", 1, "no", EARLY), ("student", 2, "yes", LATE)], THAT_DAY, True, False, False),
        # Before it has passed, what the student says decides nothing.
        ([("student", 2, "yes", EARLY)], NOT_YET, False, False, False),
        ([("parent", 1, "yes", EARLY), ("student", 2, "no", EARLY)], NOT_YET, True, False, False),
        # Nor does a student's yes take back what a parent said of the directory, before it has passed or may not have.
        ([("parent", 1, "no", EARLY), ("student", 2, "yes", LATE)], NOT_YET, False, True, True),
        ([("parent", 1, "no", EARLY), ("student", 2, "yes", LATE)], UNKNOWN, False, True, True),
        # Where it cannot be told, both count.
        ([("student", 2, "yes", EARLY)], UNKNOWN, True, False, False),
        ([("parent", 1, "yes", EARLY), ("student", 2, "no", EARLY)], UNKNOWN, False, True, True),
    ],
)
def test_consent_state_of_decisions(
    said: list[Said], rights: Transfers, given: bool, refused: bool, opted_out: bool
) -> None:
    words = consent_status_of(events(*said), DAY, rights)
    assert (bool(len(words.given)), bool(len(words.refused)), bool(len(words.opted_out))) == (
        given,
        refused,
        opted_out,
    )


@pytest.mark.parametrize(
    ("silent", "also_no", "left"),
    [
        ([], True, [(1, False), (2, False), (2, True)]),
        ([(7, 2)], True, [(1, False)]),
        ([(7, 2)], False, [(1, False), (2, True)]),
        ([(7, 1), (7, 2)], False, [(2, True)]),
        ([(8, 2)], True, [(1, False), (2, False), (2, True)]),
        ([(7, 3)], False, [(1, False), (2, False), (2, True)]),
    ],
)
def test_limited_signers_decisions_do_not_count(
    silent: list[tuple[int, int]], also_no: bool, left: list[tuple[int, bool]]
) -> None:
    """By record and holder; where a no is kept, only what was allowed is left out."""
    said = events(("parent", 1, "yes", EARLY), ("parent", 2, "yes", EARLY), ("parent", 2, "no", LATE))
    heard = without_limited_signers(said, silent, also_no=also_no)
    assert list(zip(heard.holder.tolist(), heard.refuses.tolist(), strict=True)) == left


def test_equal_signer_numbers_of_two_records_are_two_people() -> None:
    said = events(("parent", 1, "yes", EARLY), ("parent", 1, "yes", LATE), ("parent", 1, "no", LATE))
    words = consent_status_of(replace(said, record=np.array([7, 8, 9])), DAY, UNKNOWN)
    assert (words.given.tolist(), words.refused.tolist()) == ([7, 8], [9])


def test_a_consent_counts_through_its_last_day() -> None:
    said = events(("parent", 1, "yes", EARLY), until=DAY)
    assert consent_status_of(said, DAY, UNKNOWN).given.tolist() == [7]
    after = consent_status_of(said, date(2026, 10, 2), UNKNOWN)
    assert not len(after.given)
    assert not len(after.refused)


def test_purposes_and_all_of_them() -> None:
    of_all = events(("parent", 1, "yes", EARLY))
    but = events(("parent", 1, "no", LATE))
    assert status_for_purpose({ANY: of_all, "casework": but}, "casework", DAY, UNKNOWN).given.tolist() == []
    assert status_for_purpose({ANY: of_all, "casework": but}, "planning", DAY, UNKNOWN).given.tolist() == [7]
    assert status_for_purpose({ANY: of_all, "casework": but}, ANY, DAY, UNKNOWN).given.tolist() == [7]
    assert status_for_purpose({ANY: but, "casework": of_all}, "casework", DAY, UNKNOWN).refused.tolist() == [
        7
    ]
    assert status_for_purpose({"casework": of_all}, ANY, DAY, UNKNOWN).given.tolist() == [7]
    # No to all and later yes to one: consented to one, so refused for none of what custody asks.
    no_but = status_for_purpose(
        {ANY: events(("parent", 1, "no", EARLY)), "casework": events(("parent", 1, "yes", LATE))},
        ANY,
        DAY,
        UNKNOWN,
    )
    assert (no_but.given.tolist(), no_but.refused.tolist()) == ([7], [])
    assert status_for_purpose({"casework": of_all}, "planning", DAY, UNKNOWN).given.tolist() == []


@pytest.mark.parametrize(
    ("born", "first", "last"),
    [
        (date(2008, 10, 1), date(2026, 10, 1), date(2026, 10, 1)),
        (date(2008, 2, 29), date(2026, 3, 1), date(2026, 3, 1)),
        (date(2008, 1, 1), date(2026, 1, 1), date(2026, 12, 31)),  # a year alone may be all that is stored
    ],
)
def test_the_day_on_which_one_is_eighteen(born: date, first: date, last: date) -> None:
    assert eighteenth(born) == (first, last)


def test_attending_college_transfers_the_right() -> None:
    found = transfers([(1, date(2010, 5, 5)), (2, date(2010, 5, 5))], [(2, date(2026, 9, 1))], is_college=[3])
    after, by = found.of(np.array([1, 2, 3, 4]))
    assert after.tolist() == [date(2028, 5, 5).toordinal(), date(2026, 9, 1).toordinal(), 1, 1]
    assert by.tolist() == [date(2028, 5, 5).toordinal(), date(2026, 9, 1).toordinal(), 1, NEVER]


@pytest.mark.parametrize(
    ("day", "parent", "student"),
    [
        (date(2025, 12, 31), True, False),
        (date(2026, 1, 1), None, None),
        (date(2026, 12, 30), None, None),
        (date(2026, 12, 31), False, True),
    ],
)
def test_who_may_sign(day: date, parent: bool | None, student: bool | None) -> None:
    after, by = (d.toordinal() for d in eighteenth(date(2008, 1, 1)))
    assert may_sign(student=False, on=day, after=after, by=by) is parent
    assert may_sign(student=True, on=day, after=after, by=by) is student
