"""A grant's rows are joins if it is the only grant and a condition if there are others: the rows are the same."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.gate import making
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.gate.compiler import compile_query
from throughway.gate.decision import decide
from throughway.gate.governed_relations import relation_name
from throughway.partners.actor import Actor
from throughway.store.engine import DuckDBEngine

TODAY = date(2026, 10, 1)
SPELL = {"enrollment_entry_date": date(2026, 8, 1), "enrollment_exit_date": date(2026, 9, 10)}
ROWS: dict[str, list[dict[str, Any]]] = {
    "school_enrollment": [
        {"person_record": 11, "record": 1, "entry_grade_level": "06", **SPELL},
        {"person_record": 12, "record": 2, "entry_grade_level": "07", **SPELL},
    ],
    "attendance_day": [
        {"person_record": who, "record": n, "attendance_event_date": day, "attendance_status": f"{who} {day:%d}"}
        for n, (who, day) in enumerate((w, d) for w in (11, 12, 13, None) for d in (date(2026, 9, 5), date(2026, 9, 20)))
    ],
}  # fmt: skip


def document(id: str, **changes: Any) -> AgreementStatus:
    entry = {"from": ["north"], "recipients": ["hub"]} | changes.pop("entry", {})
    made = AgreementDocument.model_validate(making.sharing(
        id=id, purposes=[making.purpose("planning", "operations", "identified", **entry)],
        schedule=[making.line("attendance_day.*", "planning")], **changes,
    ))  # fmt: skip
    return AgreementStatus(made, version_of(made), AgreementState.ACTIVE, "")


def shown(
    *standings: AgreementStatus, on: date = TODAY, without: bool = False, consented: tuple[int, ...] = (), others: tuple[int, ...] = (),
) -> list[str]:  # fmt: skip
    reader = Actor("r@hub.example", "hub", "evaluator")
    decision = decide(then=standings, now=standings, actor=reader, purpose="planning", on=on, today=TODAY)
    names = {choice.of(g.discloser) for g in decision.grants for choice in g.choices}
    compiled = compile_query(
        "SELECT attendance_status FROM attendance_day", decision.grants, linked=(), on=on,
        today=TODAY if on < TODAY else None, without=names if without else (),
    )  # fmt: skip
    told_by = {table for table, _ in compiled.relations} & {"consented", "not_consented"}
    assert told_by <= {"not_consented" if without else "consented"}
    with DuckDBEngine(threads=1) as engine:
        for table, rows in ROWS.items():
            engine.register(relation_name(table, "north"), making.rows(table, rows))
        for name in names:
            for table, numbers in (
                ("consented", consented),
                ("not_consented", others),
                ("opted_out", others),
            ):
                held = pa.table({"record": pa.array(np.array(numbers, dtype=np.int64), pa.int64())})
                engine.register(relation_name(table, name), held)
        return sorted(str(v) for v in engine.run(compiled.sql)["attendance_status"].to_pylist())


# Beside it a grant of what is long past, which admits no row here: so each stands as a condition.
PAST = document("past", records={"to": "2000-01-01"})
SIXTH = {"on": "school_enrollment", "where": "entry_grade_level = '06'"}
BY_GRADE = {"from": ["north"], **SIXTH}


@pytest.mark.parametrize("beside", [(), (PAST,)], ids=["as joins", "as a condition"])
@pytest.mark.parametrize(
    ("population", "expected"),
    [
        ([{**BY_GRADE, "when": "fact"}], ["11 05"]),
        ([{**BY_GRADE, "when": "reading"}], []),
        ([{**BY_GRADE, "when": "ever"}], ["11 05", "11 20"]),
        ([{**BY_GRADE, "when": "fact"}, {**BY_GRADE, "where": "entry_grade_level = '07'", "when": "ever"}], ["11 05", "12 05", "12 20"]),
        ([{**BY_GRADE, "where": "entry_grade_level = '06' OR entry_grade_level = '07'", "when": "reading"}], []),
    ],
)  # fmt: skip
def test_a_population(
    population: list[dict[str, Any]], expected: list[str], beside: tuple[AgreementStatus, ...]
) -> None:
    assert shown(document("one", population=population), *beside) == expected


@pytest.mark.parametrize("beside", [(), (PAST,)], ids=["as joins", "as a condition"])
def test_on_a_past_day_nothing_that_came_later(beside: tuple[AgreementStatus, ...]) -> None:
    expected = ["11 05", "12 05", "13 05", "None 05"]
    assert shown(document("one"), *beside, on=date(2026, 9, 10)) == expected


@pytest.mark.parametrize("beside", [(), (PAST,)], ids=["as joins", "as a condition"])
@pytest.mark.parametrize("without", [False, True], ids=["by those who did", "by those who did not"])
def test_consents(without: bool, beside: tuple[AgreementStatus, ...]) -> None:
    by_consent = document("one", entry={"basis": "consent", "basis_details": {}})
    found = shown(by_consent, *beside, without=without, consented=(11, 12), others=(13,))
    assert found == ["11 05", "11 20", "12 05", "12 20"]
    # A row of nobody known passes by no list, and by the list of nobody neither.
    found = shown(by_consent, *beside, without=without, consented=(11, 12, 13))
    assert found == ["11 05", "11 20", "12 05", "12 20", "13 05", "13 20"]
    if not without:
        assert shown(by_consent, *beside) == []


@pytest.mark.parametrize("beside", [(), (PAST,)], ids=["as joins", "as a condition"])
def test_opt_outs(beside: tuple[AgreementStatus, ...]) -> None:
    made = AgreementDocument.model_validate(making.sharing(
        id="one", schedule=[making.line("school_enrollment.entry_grade_level", "planning"), making.line("attendance_day.*", "planning")],
        purposes=[making.purpose("planning", "operations", "identified", recipients=["hub"], **{"from": ["north"]}, basis="directory",
                                 basis_details={"notice": "n", "items": ["grade level"]})],
    ))  # fmt: skip
    notice = AgreementStatus(made, version_of(made), AgreementState.ACTIVE, "")
    reader = Actor("r@hub.example", "hub", "evaluator")
    held = [notice, *beside]
    decision = decide(then=held, now=held, actor=reader, purpose="planning", on=TODAY, today=TODAY)
    compiled = compile_query(
        "SELECT entry_grade_level FROM school_enrollment", decision.grants, linked=(), on=TODAY
    )
    for out, expected in (((), ["06", "07"]), ((11,), ["07"]), ((11, 12), [])):
        with DuckDBEngine(threads=1) as engine:
            engine.register(
                relation_name("school_enrollment", "north"),
                making.rows("school_enrollment", ROWS["school_enrollment"]),
            )
            held_out = pa.table({"record": pa.array(list(out), pa.int64())})
            engine.register(relation_name("opted_out", "one/planning/north"), held_out)
            assert sorted(engine.run(compiled.sql)["entry_grade_level"].to_pylist()) == expected


@pytest.mark.parametrize(
    "name", ['"order"', "desc"]
)  # the engine takes the latter for a name in quotes alone
def test_whatever_a_reader_calls_a_table_stays_a_name(name: str) -> None:
    held = [document("one")]
    reader = Actor("r@hub.example", "hub", "evaluator")
    decision = decide(then=held, now=held, actor=reader, purpose="planning", on=TODAY, today=TODAY)
    sql = f"SELECT {name}.attendance_status AS s FROM attendance_day AS {name} ORDER BY s"
    compiled = compile_query(sql, decision.grants, linked=(), on=TODAY)
    with DuckDBEngine(threads=1) as engine:
        engine.register(
            relation_name("attendance_day", "north"),
            making.rows("attendance_day", ROWS["attendance_day"]),
        )
        shown = engine.run(compiled.sql)["s"].to_pylist()
    assert shown == sorted(row["attendance_status"] for row in ROWS["attendance_day"])
