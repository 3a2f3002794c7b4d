"""What remains after a destruction, against a slow and obvious reference: cell by cell, agreement by agreement."""

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.destruction.papers import load, paper, people, person
from tests.destruction.test_agreement import held
from throughway.agreements.document import read_document, version_of
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.destruction.actions import execution, orders, planning
from throughway.intake import actions as intake
from throughway.intake import selectors as intake_selectors
from throughway.store import Community

pytestmark = pytest.mark.django_db

DAYS = {
    "attendance_day": ("attendance_event_date",),
    "school_enrollment": ("enrollment_entry_date", "enrollment_exit_date"),
    "person": (),
}
ELEMENTS = {
    "person": ("first_name", "last_or_surname", "birthdate"),
    "attendance_day": ("attendance_event_date", "attendance_status"),
    "school_enrollment": ("enrollment_entry_date", "entry_grade_level"),
}
WHOLE, YEAR, GONE = 2, 1, 0


@dataclass(frozen=True)
class Made:
    """One agreement of a case: which elements it has (birthdate: how finely), of which grades, of days since when."""

    id: str
    elements: Mapping[str, int]
    grade: str | None
    when: str
    since: date | None
    state: AgreementState
    began: bool

    @property
    def text(self) -> str:
        lines = [
            f"element: {path}" + (", transform: year" if level == YEAR else "")
            for path, level in self.elements.items()
        ]
        where = (
            f"[{{where: \"entry_grade_level = '{self.grade}'\", on: school_enrollment, when: {self.when}}}]"
        )
        return paper(
            self.id,
            lines,
            population=where if self.grade else "[]",
            records=f"{{from: {self.since}}}" if self.since else "{}",
        )

    def columns(self, table: str) -> dict[str, int]:
        """Elements of a table that it needs."""
        found = {
            p.partition(".")[2]: level for p, level in self.elements.items() if p.partition(".")[0] == table
        }
        days = DAYS[table] if self.grade or self.since else ()
        if found:
            found = {**dict.fromkeys(days, WHOLE), **found}
        if table == "school_enrollment" and self.grade and self.elements:
            found |= dict.fromkeys(("entry_grade_level", *DAYS[table]), WHOLE)
        return found

    def takes_in(self, table: str, student: Mapping[str, Any], day: date | None) -> bool:
        if self.since and day is not None and table == "attendance_day" and day < self.since:
            return False
        if self.grade is None:
            return True
        in_grade = student["grade"] == self.grade
        if table == "attendance_day" and self.when == "fact":
            return in_grade and day is not None and student["entry"] <= day
        return in_grade


def made(chance: random.Random, id: str, state: AgreementState, began: bool) -> Made:
    paths = [f"{t}.{e}" for t, names in ELEMENTS.items() for e in names]
    chosen = chance.sample(paths, chance.randint(1, len(paths)))
    return Made(
        id=id,
        elements={p: YEAR if p == "person.birthdate" and chance.random() < 0.5 else WHOLE for p in chosen},
        grade=chance.choice([None, "06", "07"]),
        when=chance.choice(["fact", "ever"]),
        since=chance.choice([None, None, date(2025, 10, 2)]),
        state=state,
        began=began,
    )


def life(found: Made) -> AgreementLifecycle:
    document, faults = read_document(found.text)
    assert document is not None, faults
    stands = AgreementStatus(
        document, version_of(document), found.state, f"{found.id} is {found.state}.", text=document
    )
    return AgreementLifecycle(stands, None, (stands,), (stands.version,) if found.began else ())


@dataclass
class Register:
    lives: list[AgreementLifecycle]

    def change(self, id: str, state: AgreementState) -> None:
        self.lives = [
            replace(x, current=replace(x.current, state=state), texts=(replace(x.texts[0], state=state),))
            if x.current.document.id == id
            else x
            for x in self.lives
        ]


@pytest.fixture
def register(community: Community, monkeypatch: pytest.MonkeyPatch) -> Register:
    people("steward")
    kept = Register([])
    asked = [
        (intake_selectors, "agreement_statuses"),
        (orders, "lifecycle_of"),
        (planning, "agreement_lifecycles"),
        (planning, "lifecycle_of"),
    ]
    for module, name in asked:
        answers = {
            "agreement_statuses": lambda on: [x.current for x in kept.lives],
            "agreement_lifecycles": lambda on: kept.lives,
            "lifecycle_of": lambda id: next(x for x in kept.lives if x.current.document.id == id),
        }
        monkeypatch.setattr(module, name, answers[name])
    monkeypatch.setattr(
        intake,
        "documents_in_effect",
        lambda: [x.current.document for x in kept.lives if x.current.in_effect],
    )
    monkeypatch.setattr(orders, "_tell_agreement", lambda order, by: None)
    # A log is written back outside transactions alone.
    monkeypatch.setattr(execution, "overwrite_deleted_rows", lambda patience: [])
    return kept


STUDENTS = [
    {"key": f"STUDENT-{n}", "grade": grade, "entry": entry, "days": days}
    for n, (grade, entry, days) in enumerate(
        [
            ("06", date(2025, 8, 20), 3),
            ("07", date(2025, 8, 20), 3),
            ("06", date(2025, 10, 2), 3),
            ("08", date(2025, 8, 20), 1),
        ]
    )
]


def lines() -> list[tuple[str, ...]]:
    return [
        (s["key"], f"Given-{s['key']}", f"Family-{s['key']}", "2010-05-17", f"2025-10-{1 + n:02}", "Present",
         s["entry"].isoformat(), s["grade"])
        for s in STUDENTS
        for n in range(s["days"])
    ]  # fmt: skip


def expected(every: list[Made], gone: str) -> dict[tuple[str, str, str, str], int]:
    """(table, student, day, element) → how finely it stays."""
    found: dict[tuple[str, str, str, str], int] = {}
    (x,) = [a for a in every if a.id == gone]
    for s in STUDENTS:
        for table in ELEMENTS:
            days = [date(2025, 10, 1 + n) for n in range(s["days"])] if table == "attendance_day" else [None]
            for day in days:
                for element in (*ELEMENTS[table],):
                    landed = stays = GONE
                    by_x = x.takes_in(table, s, day) and element in x.columns(table)
                    for a in every:
                        level = a.columns(table).get(element, GONE) if a.takes_in(table, s, day) else GONE
                        if a.began:
                            landed = max(landed, level)
                        if a.id == gone:
                            continue
                        ended = a.state is AgreementState.TERMINATED and a.began
                        if a.state in (
                            AgreementState.ACTIVE,
                            AgreementState.SIGNED,
                            AgreementState.SUSPENDED,
                        ) or (ended and not by_x):
                            stays = max(stays, level)
                    if min(landed, stays):
                        found[table, s["key"], str(day or ""), element] = min(landed, stays)
    return found


def found(days: Mapping[object, str]) -> dict[tuple[str, str, str, str], int]:
    keys = {row["record"]: row["key"] for row in held("record_key")}
    cells: dict[tuple[str, str, str, str], int] = {}
    for table, names in ELEMENTS.items():
        for row in held(table):
            for name in names:
                if name in row:
                    blurred = name == "birthdate" and str(row[name]) == "2010-01-01"
                    day = days[row["record"]] if table == "attendance_day" else ""
                    cells[table, str(keys[row["person_record"]]), day, name] = YEAR if blurred else WHOLE
    return cells


@pytest.mark.parametrize("seed", range(int(os.environ.get("CASES", "6"))))
def test_kept_rows_equal_those_loaded_under_the_others_alone(
    register: Register, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    every = [made(chance, "gone", AgreementState.TERMINATED, True)]
    for n in range(chance.randint(0, 3)):
        state, began = chance.choice(
            [(AgreementState.ACTIVE, True), (AgreementState.SIGNED, False), (AgreementState.TERMINATED, True), (AgreementState.SUSPENDED, True), (AgreementState.TERMINATED, False)]
        )  # fmt: skip
        every.append(made(chance, f"other-{n}", state, began))
    # Days tell rows of attendance apart, so that the reference can name them.
    every = [
        replace(a, elements={**a.elements, "attendance_day.attendance_event_date": WHOLE})
        if any(path.startswith("attendance_day") for path in a.elements)
        else a
        for a in every
    ]
    register.lives = [life(a) for a in every]
    for a in every:
        register.change(a.id, AgreementState.ACTIVE if a.began else a.state)
    load(tmp_path, lines())
    days = {row["record"]: str(row["attendance_event_date"]) for row in held("attendance_day")}
    for a in every:
        register.change(a.id, a.state)
    orders.destroy(agreement="gone", by=person("steward", "backbone"))
    want = expected(every, "gone")
    assert found(days) == want, every
    assert {k["key"] for k in held("record_key")} == {key for _, key, _, _ in want}


def test_the_day_of_reading_does_not_decide_what_stays(register: Register, tmp_path: Path) -> None:
    """A population by the day of reading: whoever is in it on any day may be read on another."""
    spells = {f"school_enrollment.{name}": WHOLE for name in ELEMENTS["school_enrollment"]}
    days = {f"attendance_day.{name}": WHOLE for name in ELEMENTS["attendance_day"]}
    gone = Made("gone", {**days, **spells}, None, "ever", None, AgreementState.TERMINATED, True)
    stays = Made(
        "stays",
        {"attendance_day.attendance_event_date": WHOLE},
        "06",
        "reading",
        None,
        AgreementState.ACTIVE,
        True,
    )
    register.lives = [life(gone), life(stays)]
    register.change("gone", AgreementState.ACTIVE)
    load(tmp_path, [(*line[:6], "2099-08-20", line[7]) for line in lines()])  # enrolled from a later day on
    register.change("gone", AgreementState.TERMINATED)
    before = [row for row in held("attendance_day") if "attendance_status" in row]
    orders.destroy(agreement="gone", by=person("steward", "backbone"))
    after = held("attendance_day")
    assert len(before) == sum(s["days"] for s in STUDENTS)
    assert len(after) == sum(s["days"] for s in STUDENTS if s["grade"] == "06")
    assert not any("attendance_status" in row for row in after)


def test_ended_agreement_keeps_nothing(register: Register, tmp_path: Path) -> None:
    gone = Made("gone", {"person.first_name": WHOLE}, "06", "ever", None, AgreementState.TERMINATED, True)
    both = {"person.first_name": WHOLE, "person.last_or_surname": WHOLE}
    over = Made("over", both, None, "ever", None, AgreementState.TERMINATED, True)
    register.lives = [life(gone), life(over)]
    for each in (gone, over):
        register.change(each.id, AgreementState.ACTIVE)
    load(tmp_path, lines())
    for each in (gone, over):
        register.change(each.id, AgreementState.TERMINATED)
    orders.destroy(agreement="gone", by=person("steward", "backbone"))
    persons = held("person")
    assert len(persons) == len(STUDENTS)
    assert all("last_or_surname" in row for row in persons)
    assert sum("first_name" in row for row in persons) == sum(s["grade"] != "06" for s in STUDENTS)
