"""What landed of a partner, as elements and days: from the ends of files, from sealed tables, and without any value."""

from datetime import date

import pytest

from tests.gate import making
from throughway.core.refusals import Refused
from throughway.intake.actions import register_landed
from throughway.intake.selectors import landed
from throughway.partners import OPERATOR
from throughway.partners.selectors import systems
from throughway.partners.systems.system import periods

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
DAYS = [date(2025, 9, 1), date(2026, 11, 2)]


@pytest.fixture
def town() -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    rows = [
        {"person_record": 11, "attendance_event_date": d, "attendance_event_type": "DailyAttendance"}
        for d in DAYS
    ]
    making.land("attendance_day", "north", rows, year=2026)
    making.land("course_grade", "north", [{"person_record": 11, "course_identifier": "M1"}], year=2024)
    making.land("course_grade", "north", [{"person_record": 12, "course_identifier": "M2"}], year=2026)


def test_filled_elements_with_the_days_of_their_table(town: None) -> None:
    found = {h.element: (h.first, h.last) for h in landed("north")}
    assert found["attendance_day.attendance_event_type"] == (DAYS[0], DAYS[1])
    assert "attendance_day.program_id" not in found  # always empty
    assert found["course_grade.course_identifier"] == (date(2023, 7, 1), date(2026, 6, 30))
    assert "person.first_name" in found  # sealed
    assert "person.middle_name" not in found
    assert not any(element.startswith(("record_key", "person.source")) for element in found)
    assert landed("hub") == ()


def test_landed_elements_become_a_data_system(town: None) -> None:
    first = register_landed(partner="north", by=making.reader("officer@north.example"))
    assert (first.what, first.system.name) == ("added", "As loaded here")
    making.land(
        "attendance_day", "north", [{"person_record": 12, "attendance_event_date": date(2026, 12, 5)}]
    )
    second = register_landed(partner="north", by=OPERATOR)
    assert second.what == "changed"
    assert periods(systems("north")[0].statement.holdings)["attendance_day"] == (DAYS[0], date(2026, 12, 5))
    with pytest.raises(Refused):
        register_landed(partner="north", by=making.reader("officer@harbor.example"))
    with pytest.raises(Refused) as refused:
        register_landed(partner="hub", by=OPERATOR)
    assert refused.value.code == "nothing_landed"
