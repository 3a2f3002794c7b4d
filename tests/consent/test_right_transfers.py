"""Who holds the right by institution and day, what an order takes away, and what the events of a request come to."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from throughway.consent.actions import record
from throughway.consent.amendment import AmendmentState, amendments, covers
from throughway.consent.inspection import due_day, inspections
from throughway.consent.limit import LimitKind, RightsLimit, stands
from throughway.consent.models import RightEvent, RightWords
from throughway.consent.notice import Window, outside
from throughway.consent.right_holders import RightHolder, may_sign, right_holder_on, transfers
from throughway.consent.rights_events import RightsRecord, RightsSubject
from throughway.consent.triggers import RIGHTS, WORDS
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR

BORN = date(2008, 3, 4)
DAY = date(2026, 3, 3)


# age, attends college outside of school, the institution is that college → who holds the right there (99.5(a), H1 to H3)
TABLE = [
    (17, False, False, RightHolder.PARENTS),
    (17, True, False, RightHolder.STUDENT),
    (17, True, True, RightHolder.STUDENT),
    (17, False, True, RightHolder.STUDENT),  # on the college's roll, also while at school
    (18, False, False, RightHolder.STUDENT),
    (18, True, False, RightHolder.STUDENT),
    (18, False, True, RightHolder.STUDENT),
    (18, True, True, RightHolder.STUDENT),
]


@pytest.mark.parametrize(("age", "college", "there", "holds"), TABLE)
def test_who_holds_the_right(age: int, college: bool, there: bool, holds: RightHolder) -> None:
    born = date(DAY.year - age, 1, 2)
    found = transfers(
        [(7, born)], [(7, date(2025, 9, 1))] if college else [], is_college=[7] if there else []
    )
    after, by = int(found.after[0]), int(found.by[0])
    assert right_holder_on(on=DAY, after=after, by=by) is holds
    for student in (True, False):
        assert may_sign(student=student, on=DAY, after=after, by=by) is (
            student == (holds is RightHolder.STUDENT)
        )


def test_it_passes_on_the_birthday_and_not_before() -> None:
    found = transfers([(7, BORN)], [])
    after, by = int(found.after[0]), int(found.by[0])
    assert right_holder_on(on=date(2026, 3, 3), after=after, by=by) is RightHolder.PARENTS
    assert right_holder_on(on=date(2026, 3, 4), after=after, by=by) is RightHolder.STUDENT
    assert (
        right_holder_on(on=date(2026, 6, 1), after=1, by=date.max.toordinal()) is None
    )  # nothing is known of the birth


def limit(**more: Any) -> RightsLimit:
    return RightsLimit(**{"code": "A", "partner": "north", "record": 7, "holder": 1, "kind": LimitKind.RIGHTS,
                    "reference": "2026-CV-1", "since": date(2026, 1, 1)} | more)  # fmt: skip


def test_a_limit_holds_for_its_adult_kind_and_days() -> None:
    for holder, kind, on in itertools.product((1, 2), LimitKind, (date(2025, 12, 31), date(2026, 1, 1))):
        holds = holder == 1 and kind is LimitKind.RIGHTS and on >= date(2026, 1, 1)
        assert (stands([limit()], holder, on, kind) is not None) is holds
    lifted = limit(lifted=date(2026, 2, 1))
    assert stands([lifted], 1, date(2026, 1, 31)) == lifted
    assert stands([lifted], 1, date(2026, 2, 1)) is None


def test_deadline_of_a_request_to_inspect() -> None:
    received = date(2026, 1, 1)
    assert due_day(received, None) == date(2026, 2, 15)
    assert due_day(received, date(2026, 1, 20)) == date(2026, 1, 19)
    assert due_day(received, date(2026, 6, 1)) == date(2026, 2, 15)
    assert due_day(received, received) == received


def event(step: str, day: int, **more: Any) -> RightsRecord:
    facts: dict[str, Any] = {"holder": 1, "relation": "parent", "element": "attendance_day.attendance_status"}
    return RightsRecord(
        "A", RightsSubject.AMEND, step, "north", 7, more.pop("other", ""), date(2026, 1, day), facts | more.pop("facts", {}),
        more.pop("words", {}), "x", "y", datetime(2026, 1, day, tzinfo=UTC),
    )  # fmt: skip


def test_steps_of_a_request_to_amend() -> None:
    way = [
        event("received", 1), event("refused", 2, words={"reason": "It is so"}), event("hearing_asked", 3),
        event("hearing_set", 4, facts={"date": "2026-01-10", "time": "16:30"}, words={"place": "Room 4"}), event("held", 10),
        event("lost", 11, words={"summary": "S", "reasons": "R"}), event("statement", 12, words={"statement": "It was not so."}),
    ]  # fmt: skip
    states = [amendments(way[: n + 1])[0].state for n in range(len(way))]
    assert states == [AmendmentState.RECEIVED, AmendmentState.REFUSED, AmendmentState.HEARING_ASKED, AmendmentState.HEARING_SET, AmendmentState.HEARD, AmendmentState.LOST, AmendmentState.STATEMENT]  # fmt: skip
    (found,) = amendments(way)
    assert (found.statement, found.stated, found.open) == ("It was not so.", date(2026, 1, 12), False)
    assert amendments(way[:4])[0].due == date(2026, 1, 10)
    corrected = [event("received", 1), event("granted", 2), event("corrected", 3), event("tell", 3, other="hub"), event("confirmed", 5, other="hub")]  # fmt: skip
    assert amendments(corrected[:4])[0].open
    assert not amendments(corrected)[0].open
    assert amendments(corrected)[0].recipients[0].due == date(2026, 2, 2)


def test_elements_that_include_a_contested_part() -> None:
    read = {"attendance_day.attendance_status", "person.first_name"}
    assert covers("attendance_day.attendance_status", read)
    assert covers("attendance_day.*", read)
    assert not covers("attendance_day.attendance_event_date", read)
    assert not covers("course_grade.*", read)


def test_outside_of_a_window() -> None:
    first = Window("north", 2026, "1", date(2025, 8, 1), date(2025, 9, 15))
    assert outside([first], "north", date(2025, 9, 15)) is None
    assert outside([first], "north", date(2025, 9, 16)) == first
    assert outside([first], "south", date(2025, 9, 16)) is None
    assert outside([first], "north", date(2025, 7, 1)) is None


@pytest.mark.django_db(transaction=True)
def test_rights_events_are_append_only() -> None:
    assert RIGHTS.missing(connection) == WORDS.missing(connection) == []
    one = {"about": RightsSubject.INSPECT, "step": "received", "partner": "north", "student": 7, "code": "AAAA", "by": OPERATOR,
           "facts": {"holder": 1, "relation": "parent"}, "words": {"asked": "the marks"}}  # fmt: skip
    record(**one)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        record(**one)  # type: ignore[arg-type]
    assert refused.value.code == "recorded_already"
    for forbidden in (
        lambda: RightEvent.objects.update(step="answered"),
        lambda: RightEvent.objects.all()._raw_delete("default"),
        lambda: RightWords.objects.update(words={}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            forbidden()
    RightWords.objects.all().delete()
    (event,) = RightEvent.objects.all()
    assert event.facts["holder"] == 1
    assert inspections([RightsRecord("A", RightsSubject.INSPECT, "received", "north", 7, "", DAY, {"holder": 1, "relation": "parent"}, {}, "", "", datetime.now(UTC))])[0].asked == ""  # fmt: skip
