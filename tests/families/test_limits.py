"""An order on an adult holds for every record of the student, and keeps back everything that says where the student is."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

from tests.families.conftest import AGO, ASK, TODAY, consents
from tests.families.test_registers import chosen, line, shown
from tests.gate import making
from tests.site.people import client_of
from throughway.consent.limit import PLACES, WHEREABOUTS
from throughway.core.refusals import Refused
from throughway.families.actions import inspections, limits
from throughway.gate.actions import land_person_links
from throughway.partners import OPERATOR, Actor
from throughway.vocabulary import TABLES

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = {"reference": "2026-DR-7", "since": AGO}


def merge(*records: int) -> None:
    land_person_links(links=pa.table({"record": records, "person": [2**41] * len(records)}), by=OPERATOR)


def split() -> None:
    land_person_links(
        links=pa.table({"record": pa.array([], pa.int64()), "person": pa.array([], pa.int64())}), by=OPERATOR
    )


def test_limit_on_a_merged_record_voids_consents_not_refusals(officer: Actor, tmp_path: Path) -> None:
    chosen()
    consents(tmp_path, line(), line(record_key="n-12", signer="Kim Two"))
    order = limits.limit(student="n-13", who="kim TWO", kind="rights", by=officer, **ORDER)
    assert shown() == [11, 12]  # of another student so far
    merge(12, 13)
    assert shown() == [11]
    with pytest.raises(Refused, match=f"limit {order.code}"):
        consents(tmp_path, line(record_key="n-12", signer="Kim  Two", purpose="*"))
    consents(tmp_path, line(record_key="n-12", signer="Lee Two"))
    assert shown() == [11, 12]  # the other parent
    consents(tmp_path, line(record_key="n-12", signer="Kim Two", decision="no"))
    assert shown() == [11]
    split()
    assert shown() == [11]  # of the two who both hold the right the refusal stands
    limits.lift(code=order.code, why="Vacated", on=TODAY, by=officer)


def test_a_split_undoes_it(officer: Actor, tmp_path: Path) -> None:
    chosen()
    consents(tmp_path, line(record_key="n-12", signer="Kim Two"))
    limits.limit(student="n-13", who="Kim Two", kind="rights", by=officer, **ORDER)
    merge(12, 13)
    assert shown() == []
    split()
    assert shown() == [12]


def test_who_asks_about_a_merged_record(officer: Actor) -> None:
    order = limits.limit(student="n-12", who="Pat One", kind="contact", by=officer, **ORDER)
    making.land(
        "guardian", "north", [{"person_record": 11, "record": 1, "first_name": "Sam"}], "sharing-2026"
    )
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    assert "guardian" in inspections.gather(code=code, by=officer).tables
    merge(11, 12)
    assert "guardian" in inspections.gather(code=code, by=officer).left_out
    limits.lift(code=order.code, why="Order of 3 March", on=TODAY, by=officer)
    rights = limits.limit(student="n-12", who="Pat One", kind="rights", by=officer, **ORDER)
    for act in (
        lambda: inspections.gather(code=code, by=officer),  # an order that came after the request
        lambda: inspections.ask_to_inspect(**(ASK | {"relation": "guardian"}), by=officer),
    ):
        with pytest.raises(Refused, match=f"limit {rights.code}"):
            act()
    of = client_of("officer@north.example")
    assert "Show nothing" in of.get(f"/requests/inspect/{code}/").content.decode()


def test_another_name_is_warned_of(officer: Actor) -> None:
    order = limits.limit(student="n-11", who="P. One", kind="contact", by=officer, **ORDER)
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    page = client_of("officer@north.example").get(f"/requests/inspect/{code}/").content.decode()
    assert f"limit an adult of this student ({order.code}, 2026-DR-7)" in page


def test_no_row_says_where_the_student_is(officer: Actor) -> None:
    limits.limit(student="n-11", who="Pat One", kind="contact", by=officer, **ORDER)
    making.land(
        "organization", "north", [{"record": 1, "organization_id": "north/9", "organization_name": "Elm"}]
    )
    making.land(
        "attendance_day",
        "north",
        [{"person_record": 11, "organization_id": "north/9", "attendance_event_date": AGO}],
    )
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    got = inspections.gather(code=code, by=officer)
    assert {"organization", "attendance_day.organization_id"} <= set(got.left_out)
    assert got.tables["attendance_day"].num_rows
    assert not any(
        "north/9" in str(rows.to_pylist()) or "Elm" in str(rows.to_pylist()) for rows in got.tables.values()
    )
    page = client_of("officer@north.example").get(f"/requests/inspect/{code}/").content.decode()
    assert "names of schools and places" in page
    assert "an order bars this adult from knowing where the student is" in page
    assert "The family may also ask who saw" not in page


def test_every_element_that_names_a_place_is_known() -> None:
    says = re.compile(r"organization|school_id|location|address|(^|_)city|postal|course_section_id|residence")
    named = {
        f"{table}.{name}"
        for table, told in TABLES.items()
        if table not in WHEREABOUTS and told.of_person
        for name in told.elements
        if says.search(name) and name not in PLACES
    }
    assert named == {"person.city_of_birth"}
