"""What is kept of a table's governed rows is used again for the same grants alone."""

from dataclasses import replace
from datetime import date

import pytest

from tests.gate.making import line, purpose, sharing
from throughway.agreements.document import AgreementDocument
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.enums import AccessForm, Basis, Reach
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import TableQueryOptions
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.gate import governed_relations
from throughway.gate.governed_relations import ANYBODY, rows_of

DAY = date(2026, 10, 1)


def standing(*elements: str) -> AgreementStatus:
    """Always under the same version, which tests and amendments in preparation may well repeat."""
    document = AgreementDocument.model_validate(sharing(
        id="kept", purposes=[purpose("planning", "operations", "identified", **{"from": ["north"], "recipients": ["hub"]})],
        schedule=[line(element, "planning") for element in elements],
        population=[{"from": ["north"], "on": "school_enrollment", "where": "entry_grade_level = '06'", "when": "fact"}],
    ))  # fmt: skip
    return AgreementStatus(document, "v1", AgreementState.ACTIVE, "")


def grants(*elements: str) -> tuple[Grant, ...]:
    return grants_of(standing(*elements), [])


def sql(held: tuple[Grant, ...], *numbers: int, on: date = DAY) -> str:
    shown = TableQueryOptions(linked=(), on=on, records=numbers or None)
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
    shown = TableQueryOptions(linked=(), on=DAY, records=())
    assert "FALSE" in rows_of("attendance_day", held, shown)[0].sql


def test_what_is_kept_follows_the_grant_the_day_and_the_sides() -> None:
    held = grants("attendance_day.attendance_status")
    narrower = tuple(replace(g, records=(date(2026, 9, 1), date(2026, 9, 30))) for g in held)
    texts = {sql(held), sql(narrower), sql(held, 11)}
    assert len(texts) == 3
    past = TableQueryOptions(linked=(), on=DAY, today=date(2026, 11, 1))
    linked = TableQueryOptions(linked=("north",), on=DAY)
    found = {
        rows_of("attendance_day", held, shown)[0].sql
        for shown in (past, linked, TableQueryOptions(linked=(), on=DAY))
    }
    assert len(found) == 3


def test_the_kept_grants_are_those_of_the_very_text() -> None:
    one, other = grants("attendance_day.attendance_status"), grants("attendance_day.organization_id")
    assert "attendance_status" in one[0].columns
    assert "attendance_status" not in other[0].columns
    same = standing("attendance_day.attendance_status")
    assert grants_of(same, []) is grants_of(replace(same, reason="another day"), [])
    assert grants_of(replace(same, state=AgreementState.SUSPENDED), []) == ()


def changes() -> dict[str, dict[str, object]]:
    """All of a grant on which its rows hang, changed one by one."""
    (held,) = grants("attendance_day.attendance_status")
    (entry,) = held.population[0]
    return {
        "agreement": {"agreement": "other", "codes": "other/planning"},
        "discloser": {"discloser": "harbor"},
        "table": {"table": "school_enrollment"},
        "form": {"form": AccessForm.PSEUDONYMOUS},
        "columns": {"columns": held.columns | {"attendance_status": Transform("mask")}},
        "population": {"population": ((entry.model_copy(update={"where": "entry_grade_level = '07'"}),),)},
        "records": {"records": (date(2026, 9, 1), None)},
        "reach": {"reach": Reach.CASELOAD},
        "choices": {"choices": frozenset({RequiredFamilyChoice("kept", "planning", Basis.CONSENT)})},
    }


@pytest.mark.parametrize("field", changes())
def test_what_one_text_says_otherwise_is_worked_out_anew(field: str) -> None:
    (held,) = grants("attendance_day.attendance_status")
    if field == "agreement":  # whose codes they are
        held = replace(held, form=AccessForm.PSEUDONYMOUS)
    changed = replace(held, **changes()[field])  # type: ignore[arg-type]
    shown = TableQueryOptions(
        linked=(), on=DAY, columns=("person_id",) if field in ("agreement", "form", "table") else None
    )
    before, after = (rows_of(g.table, (g,), shown)[0] for g in (held, changed))
    assert before.sql != after.sql


def test_of_other_students_nothing_is_worked_out_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    held = grants("attendance_day.attendance_status")
    before = sql(held, 21)
    monkeypatch.setattr(
        governed_relations, "of_discloser", None
    )  # so that nothing can be worked out any more
    assert sql(held, 22, 23) == before.replace("(21)", "(22, 23)")


def test_unrelated_amendment_changes_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    (held,) = grants("attendance_day.attendance_status")
    before = sql((held,))
    monkeypatch.setattr(
        governed_relations, "of_discloser", None
    )  # so that nothing can be worked out any more
    amended = replace(held, version="v2", expires=date(2034, 6, 30), interest="Otherwise said")
    (part,) = rows_of("attendance_day", (amended,), TableQueryOptions(linked=(), on=DAY))
    assert part.sql == before


def test_every_relation_that_the_rows_name_is_told() -> None:
    held = grants("attendance_day.attendance_status")
    (part,) = rows_of("attendance_day", held, TableQueryOptions(linked=("north",), on=DAY))
    assert part.relations == {
        ("attendance_day", "north"),
        ("school_enrollment", "north"),
        ("person_link", ""),
    }
