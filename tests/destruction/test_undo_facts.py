"""Whatever was loaded, corrected, destroyed and taken back: the store is as if what was taken back had never come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from tests.destruction.papers import load, paper, people, person, rows, sign
from tests.destruction.test_agreement import held
from tests.kept import kept
from throughway.core.refusals import Refused
from throughway.destruction.actions import orders
from throughway.partners import OPERATOR
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)
ALL = ["element: person.*", "element: attendance_day.*", "element: school_enrollment.*"]
NAMES, MARKS, STUDENTS = ("Oak", "Elm", "Ash"), ("Present", "UnexcusedAbsence"), (0, 1, 2)


@pytest.fixture
@kept
def town(community: Community) -> Community:
    people()
    sign(paper("town", ALL), "town")
    return community


@dataclass(frozen=True)
class Load:
    """Of each student a name and a mark."""

    said: Mapping[int, tuple[str, str]]


@dataclass(frozen=True)
class Destroy:
    student: int


@dataclass(frozen=True)
class Undo:
    """The load at that place of those that stand."""

    place: int


Step = Load | Destroy | Undo
SAID = st.dictionaries(
    st.sampled_from(STUDENTS), st.tuples(st.sampled_from(NAMES), st.sampled_from(MARKS)), min_size=1, max_size=2
)  # fmt: skip
STEPS = st.lists(
    st.one_of(
        SAID.map(Load), SAID.map(Load), st.sampled_from(STUDENTS).map(Destroy), st.integers(0, 5).map(Undo)
    ),
    min_size=3,
    max_size=6,
)


@dataclass
class Facts:
    """The slow and simple truth: rows as they are, and the values that they had, by what tells the row apart."""

    now: dict[tuple[str, int], str] = field(default_factory=dict)
    before: list[tuple[str, int, str]] = field(default_factory=list)

    def load(self, said: Mapping[int, tuple[str, str]]) -> None:
        for student, (name, mark) in said.items():
            for table, value in (("person", name), ("attendance_day", mark)):
                old = self.now.get((table, student))
                if old is not None and old != value:
                    self.before.append((table, student, old))
                self.now[table, student] = value

    def destroy(self, student: int) -> None:
        self.now = {place: value for place, value in self.now.items() if place[1] != student}
        self.before = [each for each in self.before if each[1] != student]


def facts_of(steps: Sequence[Load | Destroy]) -> Facts:
    found = Facts()
    for step in steps:
        if isinstance(step, Load):
            found.load(step.said)
        else:
            found.destroy(step.student)
    return found


def stored(town_number: int) -> Facts:
    """What the store says of the students of one town."""
    keys = {row["record"]: str(row["key"]) for row in held("record_key")}
    found = Facts()
    for table, column in (("person", "last_or_surname"), ("attendance_day", "attendance_status")):
        for name in (table, f"{table}~history"):
            for row in held(name):
                of, _, student = keys[row["person_record"]].partition("/")
                if of != f"T{town_number}":
                    continue
                if name == table:
                    assert (table, int(student)) not in found.now, "two rows with one key"
                    found.now[table, int(student)] = str(row[column])
                else:
                    found.before.append((table, int(student), str(row[column])))
    return found


TOWNS = count(1)


SAME = Load({0: ("Oak", "Present")})


@given(steps=STEPS)
@example(steps=[SAME, SAME, Undo(0)])  # the second load would have brought the row that the first one did
@example(steps=[SAME, Load({0: ("Elm", "Present")}), Destroy(0), SAME, Undo(0)])
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_as_if_it_had_never_come(town: Community, tmp_path: Path, steps: list[Step]) -> None:
    number = next(TOWNS)
    note(f"town {number}")
    happened: list[tuple[str, Load | Destroy]] = []
    for step in steps:
        if isinstance(step, Load):
            lines = [
                (*rows({f"T{number}/{student}": "06"}, days=1)[0][:2], name, f"2012-03-{4 + student:02}", "2025-10-01", mark, "2025-08-20", "06")
                for student, (name, mark) in step.said.items()
            ]  # fmt: skip
            done = load(tmp_path, lines, right="The test says so")
            happened.append((done.batch, step))
        elif isinstance(step, Destroy):
            keys = {str(row["key"]): row["record"] for row in held("record_key")}
            if record := keys.get(f"T{number}/{step.student}"):
                orders.destroy(person=int(str(record)), by=person("officer", "school"))
                happened.append(("", step))
        elif loads := [batch for batch, _ in happened if batch]:
            batch = loads[step.place % len(loads)]
            try:
                going = set(orders.undoing(load=batch, by=OPERATOR)[0].ids)
            except Refused as refused:
                if refused.code != "nothing_there":
                    raise
                continue
            assert going <= set(loads[loads.index(batch) :]), "an earlier load went"
            orders.undo(load=batch, reason="The test says so", by=OPERATOR)
            happened = [each for each in happened if each[0] not in going]
        expected, found = facts_of([each for _, each in happened]), stored(number)
        assert found.now == expected.now
        assert sorted(found.before) == sorted(expected.before)
