"""What is kept of a table's governed rows is used again for the same grants alone."""

from dataclasses import replace
from datetime import date

from tests.gate.making import line, purpose, sharing
from throughway.agreements.document import AgreementDocument
from throughway.agreements.grant import Grant
from throughway.agreements.grants import grants_of
from throughway.agreements.lifecycle import Standing, State
from throughway.agreements.sql import Shown
from throughway.gate.relations import ANYBODY, rows_of

DAY = date(2026, 10, 1)


def standing(*elements: str) -> Standing:
    """Always under the same version, which tests and amendments in preparation may well repeat."""
    document = AgreementDocument.model_validate(sharing(
        id="kept", purposes=[purpose("planning", "operations", "identified", **{"from": ["north"], "recipients": ["hub"]})],
        schedule=[line(element, "planning") for element in elements],
        population=[{"from": ["north"], "on": "school_enrollment", "where": "entry_grade_level = '06'", "when": "fact"}],
    ))  # fmt: skip
    return Standing(document, "v1", State.ACTIVE, "")


def grants(*elements: str) -> tuple[Grant, ...]:
    return grants_of(standing(*elements), [])


def sql(held: tuple[Grant, ...], *numbers: int, on: date = DAY) -> str:
    shown = Shown(linked=(), on=on, records=numbers or None)
    return " ".join(part.sql for part in rows_of("attendance_day", held, shown))


def test_each_student_has_a_question_of_their_own() -> None:
    held = grants("attendance_day.attendance_status")
    first, second = sql(held, 11), sql(held, 12, 13)
    assert "IN (11)" in first
    assert "IN (12, 13)" in second
    # The table's own rows, and those of enrollment that tell who is in the population.
    assert second.count("IN (12, 13)") == first.count("IN (11)") == 2
    assert str(ANYBODY) not in first + second
    assert " IN (" not in sql(held)


def test_of_nobody_there_are_no_rows() -> None:
    held = grants("attendance_day.attendance_status")
    shown = Shown(linked=(), on=DAY, records=())
    assert "FALSE" in rows_of("attendance_day", held, shown)[0].sql


def test_what_is_kept_follows_the_grant_the_day_and_the_sides() -> None:
    held = grants("attendance_day.attendance_status")
    narrower = tuple(replace(g, records=(date(2026, 9, 1), date(2026, 9, 30))) for g in held)
    texts = {sql(held), sql(narrower), sql(held, 11)}
    assert len(texts) == 3
    past = Shown(linked=(), on=DAY, today=date(2026, 11, 1))
    linked = Shown(linked=("north",), on=DAY)
    found = {
        rows_of("attendance_day", held, shown)[0].sql for shown in (past, linked, Shown(linked=(), on=DAY))
    }
    assert len(found) == 3


def test_the_kept_grants_are_those_of_the_very_text() -> None:
    one, other = grants("attendance_day.attendance_status"), grants("attendance_day.organization_id")
    assert "attendance_status" in one[0].columns
    assert "attendance_status" not in other[0].columns
    same = standing("attendance_day.attendance_status")
    assert grants_of(same, []) is grants_of(replace(same, reason="another day"), [])
    assert grants_of(replace(same, state=State.SUSPENDED), []) == ()
